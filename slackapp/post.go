package slackapp

import (
	"context"
	"log/slog"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/notes"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// metadataType is the event_type of our posts' metadata. If it had a period in it, Slack would drop the metadata
// (https://docs.slack.dev/messaging/message-metadata).
const metadataType = "agenbridge_post"

// Post posts to a thread, or to one person in it, and returns the ts of the post. The errors are Faults, ClassUnsure if the
// post may exist. No link in it is unfurled, and only mentions in Slack's markup notify anybody.
func (a *App) Post(ctx context.Context, thread bridge.ThreadKey, p bridge.Post) (string, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return "", err
	}
	if at.root != "" {
		a.backlog.Load().noteUse(thread)
	}
	p = a.renderNote(ctx, thread, p)
	return a.postWithFallback(p, func(shown []slack.MsgOption) (string, error) { return a.post(ctx, at, p, shown) })
}

// renderNote writes the text of a post that is a note.
func (a *App) renderNote(ctx context.Context, thread bridge.ThreadKey, p bridge.Post) bridge.Post {
	link := func(key bridge.ThreadKey) string { return a.linkTo(ctx, key) }
	return notes.Renderer{Config: a.cfg.Notes, Thread: thread, Link: link}.Render(p)
}

func (a *App) post(ctx context.Context, at location, p bridge.Post, shown []slack.MsgOption) (string, error) {
	if at.root != "" {
		shown = append(shown, slack.MsgOptionTS(at.root))
	}
	options := append(shown, slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionParse(false))
	if p.To != "" {
		c := webapi.Call{Method: "chat.postEphemeral", NotIdempotent: true}
		ts, err := a.slackGo().PostEphemeralContext(webapi.WithCall(ctx, c), at.channel, p.To, options...)
		return ts, c.Classify(err)
	}
	options = append(options, metadataOption(p))
	c := webapi.Call{Method: "chat.postMessage", Channel: at.channel, NotIdempotent: true}
	_, ts, posted, err := a.slackGo().PostMessageWithResponseContext(webapi.WithCall(ctx, c), at.channel, options...)
	if err == nil && !bridge.ValidTS(ts) {
		err = webapi.ErrNotSlack
	}
	if err == nil && posted.ThreadTimestamp != at.root {
		// The root was deleted, and Slack posted to the channel. The post exists, so this is not an error.
		a.log.Warn("a post did not land in its thread", slog.String("channel", at.channel), slog.String("root", at.root))
	}
	return ts, c.Classify(err)
}

// metadataOption is the metadata of a post, by which the post and its session can be found again.
func metadataOption(p bridge.Post) slack.MsgOption {
	payload := map[string]any{"key": p.Key}
	if p.Session != "" {
		payload["session"] = p.Session
	}
	if len(p.With) > 0 {
		payload["with"] = p.With
	}
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: payload})
}

// Update replaces the content of a post. It may be repeated. The errors are Faults.
func (a *App) Update(ctx context.Context, thread bridge.ThreadKey, ts string, p bridge.Post) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	p = a.renderNote(ctx, thread, p)
	c := webapi.Call{Method: "chat.update"}
	_, err = a.postWithFallback(p, func(shown []slack.MsgOption) (string, error) {
		options := append(shown, slack.MsgOptionParse(false), metadataOption(p))
		_, _, _, err := a.slackGo().UpdateMessageContext(webapi.WithCall(ctx, c), at.channel, ts, options...)
		return ts, c.Classify(err)
	})
	return err
}

// Delete deletes a post. It may be repeated. The errors are Faults.
func (a *App) Delete(ctx context.Context, thread bridge.ThreadKey, ts string) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	c := webapi.Call{Method: "chat.delete"}
	_, _, err = a.slackGo().DeleteMessageContext(webapi.WithCall(ctx, c), at.channel, ts)
	err = c.Classify(err)
	if f := webapi.FaultOf(err); f != nil && f.Reason == "message_not_found" {
		return nil // somebody else deleted it
	}
	return err
}

// postWithFallback sends a post with the agent's Markdown in a markdown block. If Slack refuses the block, and so has not
// posted, it sends plain text.
func (a *App) postWithFallback(p bridge.Post, send func(shown []slack.MsgOption) (string, error)) (string, error) {
	if !p.Markdown {
		return send(mrkdwnSections(p))
	}
	ts, err := send(markdownBlock(p))
	if f := webapi.FaultOf(err); f != nil && f.Class == bridge.ClassRejected && blockErrors[f.Reason] {
		a.obs.Count(CounterFallback, "markdown_block")
		return send(plainTextSections(p))
	}
	return ts, err
}

// blockErrors are the error codes for blocks that Slack refuses
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var blockErrors = map[string]bool{
	"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true, "msg_too_long": true,
	"block_mismatch": true, "markdown_text_conflict": true,
}

// FindPost returns the ts of our newest post with the key in the thread, empty if there is none. Slack's history lags
// behind our posts by some seconds. The errors are Faults.
func (a *App) FindPost(ctx context.Context, thread bridge.ThreadKey, key string) (string, error) {
	found := ""
	err := a.visitOwnPosts(ctx, thread, func(msg slackMessage, p postMetadata) {
		if p.Key == key {
			found = msg.TS
		}
	})
	return found, err
}

// OwnPosts returns our own posts in the thread in their order. The errors are Faults.
func (a *App) OwnPosts(ctx context.Context, thread bridge.ThreadKey) ([]bridge.OwnPost, error) {
	var posts []bridge.OwnPost
	err := a.visitOwnPosts(ctx, thread, func(msg slackMessage, p postMetadata) {
		posts = append(posts, bridge.OwnPost{TS: msg.TS, Key: p.Key, Session: p.Session, With: p.With})
	})
	return posts, err
}

// visitOwnPosts visits our own posts in a thread. The error is a Fault.
func (a *App) visitOwnPosts(ctx context.Context, thread bridge.ThreadKey, visit func(msg slackMessage, p postMetadata)) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return err
	}
	look := func(msg slackMessage) error {
		if m := msg.Metadata; me.isOurs(msg) && m.EventType == metadataType {
			visit(msg, m.Payload)
		}
		return nil
	}
	if at.root == "" {
		return a.readNewest(ctx, at.channel, look)
	}
	return a.readThread(ctx, at, readOptions{metadata: true}, look)
}

// linkTo returns a link to the thread; empty if the address of the workspace isn't known.
func (a *App) linkTo(ctx context.Context, thread bridge.ThreadKey) string {
	at, err := a.aliases.locationOf(thread)
	me, unknown := a.auth.identity(ctx)
	if err != nil || unknown != nil {
		return ""
	}
	return at.link(me.URL)
}
