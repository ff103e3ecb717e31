package slackapp

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/notes"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// metadataType is the event_type of our posts' metadata. If it had a period in it, Slack would drop the metadata
// (https://docs.slack.dev/messaging/message-metadata).
const metadataType = "agenbridge_post"

// Post posts to a thread, or to one person in it, and returns the ts of the post. The errors are Faults: ClassUnsure if the
// post may exist, ClassFormRefused if Slack refuses the words as Markdown. If there is a ts beside the error, the post
// landed in the channel: ClassThreadDeleted if the thread doesn't exist. No link in it is unfurled, and only mentions in
// Slack's markup notify anybody.
func (a *App) Post(ctx context.Context, thread bridge.ThreadKey, p bridge.Post) (string, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return "", err
	}
	if at.root != "" {
		a.backlog.Load().noteUse(thread)
	}
	p = a.renderNote(ctx, thread, p)
	if p.To != "" && !(eventContext{channel: at.channel}).direct() {
		return a.postPrivately(ctx, at, p)
	}
	return a.inFirstForm(p, func(shown []slack.MsgOption) (string, error) { return a.post(ctx, at, p, shown) })
}

// renderNote writes the text of a post that is a note.
func (a *App) renderNote(ctx context.Context, thread bridge.ThreadKey, p bridge.Post) bridge.Post {
	link := func(key bridge.ThreadKey) string { return a.linkTo(ctx, key) }
	return notes.Renderer{Config: a.cfg.Notes, Thread: thread, Link: link}.Render(p)
}

func (a *App) post(ctx context.Context, at location, p bridge.Post, shown []slack.MsgOption) (string, error) {
	options := append(withoutUnfurling(shown), metadataOption(p))
	if at.root != "" {
		options = append(options, slack.MsgOptionTS(at.root))
	}
	c := webapi.Call{Method: "chat.postMessage", Channel: at.channel, NotIdempotent: true}
	_, ts, posted, err := a.slackGo().PostMessageWithResponseContext(webapi.WithCall(ctx, c), at.channel, options...)
	if err == nil && !bridge.ValidTS(ts) {
		err = webapi.ErrNotSlack
	}
	if err == nil && at.root != "" && posted.ThreadTimestamp == "" {
		return ts, a.misplaced(ctx, at, c)
	}
	return ts, c.Classify(err)
}

// misplaced returns the Fault of a post that landed in the channel: Slack ignores a thread_ts that it doesn't know. Whether
// the thread is gone is asked, because the post alone might be a mistake of Slack's.
func (a *App) misplaced(ctx context.Context, at location, c webapi.Call) error {
	class := bridge.ClassTemporary
	if _, err := a.readOne(ctx, at, at.root); errors.Is(err, bridge.ClassNotFound) {
		class = bridge.ClassThreadDeleted
	}
	return c.Fault(class, "", 0, errMisplaced)
}

var errMisplaced = errors.New("the post landed in the channel instead of its thread")

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

// Update replaces the content of a post. It may be repeated. A post with a response URL is changed there, or deleted if it
// is withdrawn. The errors are Faults, as those of Post, and ClassNotFound if there is no such post any more.
func (a *App) Update(ctx context.Context, thread bridge.ThreadKey, ts string, p bridge.Post) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	p = a.renderNote(ctx, thread, p)
	if p.ResponseURL != "" {
		return a.respond(ctx, at, p)
	}
	c := webapi.Call{Method: "chat.update"}
	_, err = a.inFirstForm(p, func(shown []slack.MsgOption) (string, error) {
		options := append(shown, slack.MsgOptionParse(false), metadataOption(p))
		_, _, _, err := a.slackGo().UpdateMessageContext(webapi.WithCall(ctx, c), at.channel, ts, options...)
		return ts, c.Classify(err)
	})
	if f := webapi.FaultOf(err); f != nil && f.Reason == "message_not_found" {
		return notFound(err)
	}
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

// linkTo returns a link to the thread; empty if the address of the workspace isn't known.
func (a *App) linkTo(ctx context.Context, thread bridge.ThreadKey) string {
	at, err := a.aliases.locationOf(thread)
	me, unknown := a.auth.identity(ctx)
	if err != nil || unknown != nil {
		return ""
	}
	return at.link(me.URL)
}
