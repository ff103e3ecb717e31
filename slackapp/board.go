package slackapp

import (
	"context"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
)

// postEvent is the event_type of the metadata that our posts carry. With a period in it Slack would drop the
// metadata (https://docs.slack.dev/messaging/message-metadata).
const postEvent = "agenbridge_post"

// Bounds of a post: https://docs.slack.dev/reference/block-kit/blocks/section-block,
// https://docs.slack.dev/reference/methods/chat.update, and for labels
// https://docs.slack.dev/reference/block-kit/block-elements/button-element.
const (
	maxSection = 3000
	maxText    = 4000
	maxLabel   = 75
)

// api is slack-go for what is written. It speaks over our wire.
func (a *App) api() *slack.Client {
	return slack.New(a.cfg.BotToken(), slack.OptionHTTPClient(a.wire), slack.OptionAPIURL(a.cfg.APIURL))
}

// Post says something new in the thread, or to one person in it, and returns its ts. The errors are Faults: Unsure
// when it may have been said. Nothing in it unfurls, and only what is written as a mention notifies anybody.
func (a *App) Post(ctx context.Context, thread bridge.ThreadKey, p bridge.Post) (string, error) {
	at, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	options := append(content(p), slack.MsgOptionTS(at.root), slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionParse(false))
	if p.To != "" {
		c := call{method: "chat.postEphemeral", once: true}
		ts, err := a.api().PostEphemeralContext(withCall(ctx, c), at.channel, p.To, options...)
		return ts, c.settle(err)
	}
	options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: postEvent, EventPayload: map[string]any{"key": p.Key},
	}))
	c := call{method: "chat.postMessage", channel: at.channel, once: true}
	_, ts, posted, err := a.api().PostMessageWithResponseContext(withCall(ctx, c), at.channel, options...)
	if err == nil && !validTS(ts) {
		err = errNotSlack
	}
	if err == nil && posted.ThreadTimestamp != at.root {
		// The root is gone, and Slack put the post into the channel: said is said.
		a.log.Warn("a post did not land in its thread", slog.String("thread", string(thread)))
	}
	return ts, c.settle(err)
}

// Update changes what a post says. It may be repeated. The errors are Faults.
func (a *App) Update(ctx context.Context, thread bridge.ThreadKey, ts string, p bridge.Post) error {
	at, err := placeOf(thread)
	if err != nil {
		return err
	}
	c := call{method: "chat.update"}
	_, _, _, err = a.api().UpdateMessageContext(withCall(ctx, c), at.channel, ts, append(content(p), slack.MsgOptionParse(false))...)
	return c.settle(err)
}

// settle gives an error of slack-go its class. What the wire didn't classify is an answer that slack-go couldn't
// read: ok:true was in it.
func (c call) settle(err error) error {
	if err == nil || faultOf(err) != nil {
		return err
	}
	return c.fault(c.unclear(), "", 0, err)
}

// Find returns the ts of our newest post with the key in the thread, empty when it is not there. Slack's history lags
// behind our own posts by some seconds. The errors are Faults.
func (a *App) Find(ctx context.Context, thread bridge.ThreadKey, key string) (string, error) {
	at, err := placeOf(thread)
	if err != nil {
		return "", err
	}
	me, err := a.whoami(ctx)
	if err != nil {
		return "", err
	}
	found := ""
	err = a.replies(ctx, at, pages{metadata: true}, func(u utterance) error {
		m := u.Metadata.V
		if me.isOurs(u) && m.EventType.V == postEvent && m.Payload.V.Key.V == key {
			found = u.TS.V
		}
		return nil
	})
	return found, err
}

// content is what a post shows: its text as sections, its buttons below, and the text alone for notifications.
func content(p bridge.Post) []slack.MsgOption {
	var blocks []slack.Block
	for _, part := range split(p.Text, maxSection) {
		// verbatim: or Slack makes mentions and links of what merely looks like one.
		text := slack.NewTextBlockObject(slack.MarkdownType, part, false, true)
		blocks = append(blocks, slack.NewSectionBlock(text, nil, nil, slack.SectionBlockOptionExpand(true)))
	}
	if len(p.Buttons) > 0 {
		buttons := make([]slack.BlockElement, 0, len(p.Buttons))
		for _, b := range p.Buttons {
			label := slack.NewTextBlockObject(slack.PlainTextType, cut(b.Label, maxLabel), true, false)
			button := slack.NewButtonBlockElement(b.Action, p.Key, label)
			if b.Primary {
				button.Style = slack.StylePrimary
			}
			buttons = append(buttons, button)
		}
		blocks = append(blocks, slack.NewActionBlock("", buttons...))
	}
	return []slack.MsgOption{slack.MsgOptionText(cut(p.Text, maxText), false), slack.MsgOptionBlocks(blocks...)}
}

// cut shortens text to so many characters. Only for what is said in full elsewhere.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:limit-1]) + "…"
}

// split divides text into parts of at most so many characters, between lines where it can. Nothing is lost but the
// line ends between the parts.
func split(text string, limit int) []string {
	var parts []string
	for utf8.RuneCountInString(text) > limit {
		end := runeOffset(text, limit)
		if i := strings.LastIndexByte(text[:end], '\n'); i > 0 {
			parts = append(parts, text[:i])
			text = text[i+1:]
			continue
		}
		parts = append(parts, text[:end])
		text = text[end:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

// runeOffset is where the n-th character of text ends.
func runeOffset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}
