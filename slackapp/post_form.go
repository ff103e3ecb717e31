package slackapp

import (
	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// form is a form in which a post can be shown.
type form struct {
	// name is a label of the metric that counts refused forms.
	name string
	show func(bridge.Post) []slack.MsgOption
}

// formsOf returns the forms of a post, the best one first. What is in Slack's markup loses its buttons in the last one. The
// agent's words have one more, text in several posts, which is for the caller: see PlainParts.
func formsOf(p bridge.Post) []form {
	switch {
	case p.Plain:
		return []form{{"text", plainText}}
	case p.Markdown:
		return []form{{"markdown_block", markdownBlock}, {"plain_text_blocks", plainTextSections}}
	default:
		return []form{{"blocks", mrkdwnSections}, {"text", mrkdwnText}}
	}
}

// inFirstForm sends a post in the first form that Slack accepts. A form that it refuses has not been posted. The error is
// ClassFormRefused if it refuses all of them.
func (a *App) inFirstForm(p bridge.Post, send func(shown []slack.MsgOption) (string, error)) (string, error) {
	var err error
	for _, f := range formsOf(p) {
		var ts string
		ts, err = send(f.show(p))
		fault := webapi.FaultOf(err)
		if fault == nil || fault.Class != bridge.ClassRejected || !formErrors[fault.Reason] {
			return ts, err
		}
		a.obs.Count(CounterFallback, f.name)
	}
	fault := webapi.FaultOf(err)
	return "", &bridge.Fault{Class: bridge.ClassFormRefused, Reason: fault.Reason, Err: fault.Err}
}

// formErrors are the error codes for a form that Slack refuses
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var formErrors = map[string]bool{
	"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true, "msg_too_long": true,
	"block_mismatch": true, "markdown_text_conflict": true, "no_text": true,
}

// withoutUnfurling are the options of every new post.
func withoutUnfurling(shown []slack.MsgOption) []slack.MsgOption {
	return append(shown, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionParse(false))
}
