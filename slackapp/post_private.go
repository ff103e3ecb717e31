package slackapp

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// postPrivately posts what one person sees (https://docs.slack.dev/reference/methods/chat.postEphemeral). Slack shows it in
// a thread only if the thread is active, so it goes to the channel where the thread has no reply.
func (a *App) postPrivately(ctx context.Context, at location, p bridge.Post) (string, error) {
	active := a.isActive(ctx, at)
	p.Key = at.buttonValue(p.Key)
	c := webapi.Call{Method: "chat.postEphemeral", NotIdempotent: true}
	return a.inFirstForm(p, func(shown []slack.MsgOption) (string, error) {
		options := withoutUnfurling(shown)
		if active {
			options = append(options, slack.MsgOptionTS(at.root))
		}
		ts, err := a.slackGo().PostEphemeralContext(webapi.WithCall(ctx, c), at.channel, p.To, options...)
		return ts, c.Classify(err)
	})
}

// buttonValue is the value of a private note's buttons: a click on a note that stands outside of its thread doesn't name the
// thread. splitButtonValue is the inverse.
func (l location) buttonValue(key string) string {
	if l.root == "" {
		return key
	}
	return l.root + " " + key
}

// splitButtonValue returns the root and the key in the value of a button. The root is empty if the value is a key.
func splitButtonValue(value string) (root, key string) {
	if root, key, ok := strings.Cut(value, " "); ok && bridge.ValidTS(root) {
		return root, key
	}
	return "", value
}

// activeTimeout limits the look-up of a thread's root. A note that shows in the channel is better than none.
const activeTimeout = 5 * time.Second

// isActive reports whether a thread has a reply. A thread that Slack doesn't show, or not in time, counts as one without:
// what is posted to the channel is seen in any case.
func (a *App) isActive(ctx context.Context, at location) bool {
	if at.root == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, activeTimeout)
	defer cancel()
	root, err := a.readOne(ctx, at, at.root)
	return err == nil && root.LatestReply != ""
}

// respond changes a post at the response URL of a click on it, or deletes it if it is withdrawn. For a private post this is
// the only way, and it works five times within half an hour
// (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
func (a *App) respond(ctx context.Context, at location, p bridge.Post) error {
	c := webapi.Call{Method: webapi.MethodRespond}
	if !isResponseURL(p.ResponseURL, a.cfg.APIURL) {
		return c.Fault(bridge.ClassRejected, "", 0, errForeignResponseURL)
	}
	send := func(options ...slack.MsgOption) (string, error) {
		_, _, err := a.slackGo().PostMessageContext(webapi.WithCall(ctx, c), at.channel, options...)
		return "", c.Classify(err)
	}
	if p.Withdrawn {
		_, err := send(slack.MsgOptionDeleteOriginal(p.ResponseURL))
		return err
	}
	p.Key = at.buttonValue(p.Key)
	_, err := a.inFirstForm(p, func(shown []slack.MsgOption) (string, error) {
		return send(append(shown, slack.MsgOptionReplaceOriginal(p.ResponseURL))...)
	})
	return err
}

var errForeignResponseURL = errors.New("the response URL is not one of Slack's")

// isResponseURL reports whether a response URL is one of Slack's: under its host for them, or under that of the Web API.
// Only where the Web API itself is not encrypted, as in tests, it needn't be either.
func isResponseURL(address, apiURL string) bool {
	response, err := url.Parse(address)
	if err != nil {
		return false
	}
	api, err := url.Parse(apiURL)
	if err != nil || response.Scheme != "https" && response.Scheme != api.Scheme {
		return false
	}
	host := response.Hostname()
	return host == "hooks.slack.com" || host == api.Hostname() || host == "hooks."+api.Hostname()
}
