package slackapp

import (
	"context"
	"errors"
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// carried is what messages that another one carries add to the prompt.
type carried struct {
	parts []string
	// files are those of previews. Those of forwarded messages are among the message's own.
	files []file
	// withheld says that a preview is left out because its source is private.
	withheld bool
}

// carry renders the messages that a message in a channel carries. A forwarded one goes along by its author's act, a preview
// only if everybody here may read its source.
func (a *App) carry(ctx context.Context, all []quotedMessage, channel string, n nameResolver, lastTry bool) (carried, error) {
	var c carried
	for _, q := range all {
		open, err := a.isOpen(ctx, q.Channel, channel, lastTry)
		label := labelForwarded
		switch {
		case err != nil:
			return carried{}, err
		case q.Preview && !open:
			c.withheld = true
			continue
		case q.Preview:
			label = labelPreview
			c.files = append(c.files, q.Files...)
		}
		where := ""
		switch {
		case open:
			where = "#" + n.Channel(q.Channel)
		case q.Channel != "":
			where = "a private conversation"
		}
		c.parts = append(c.parts, labelQuoted(label)+"\n\n"+q.quote(n, where))
	}
	return c, nil
}

// isOpen reports whether everybody in a channel may read what is said in the source: it is that channel, or a public one.
// It fails closed. The errors are Faults of calls that are worth another try; on the last one there are none.
func (a *App) isOpen(ctx context.Context, source, channel string, lastTry bool) (bool, error) {
	if source == channel || !validID(source) {
		return source == channel, nil
	}
	ch, err := a.directory.channels.get(ctx, source)
	if err == nil {
		return ch.public, nil
	}
	err = webapi.AsFault(err)
	for _, transient := range []bridge.FaultClass{bridge.ClassTemporary, bridge.ClassRateLimited, bridge.ClassUnauthorized} {
		if errors.Is(err, transient) && !lastTry {
			return false, err
		}
	}
	return false, nil
}

// latePreviews renders the previews that came after their messages were sent.
func (a *App) latePreviews(ctx context.Context, b messageBody, framing bridge.PromptContext, n nameResolver, p *bridge.Prompt) (c carried, err error) {
	for _, ts := range framing.Previews {
		msg, err := a.readMessage(ctx, location{b.Channel, b.root()}, ts)
		switch {
		case errors.Is(err, bridge.ClassNotFound):
			continue // it was deleted
		case err != nil && (framing.LastTry || errors.Is(err, bridge.ClassRejected)):
			return carried{parts: []string{labelNoPreviews}}, nil
		case err != nil:
			return carried{}, err
		}
		previews := slices.DeleteFunc(quotedIn(msg.Attachments), func(q quotedMessage) bool { return !q.Preview })
		late, err := a.carry(ctx, previews, b.Channel, n, framing.LastTry)
		if err != nil {
			return carried{}, err
		}
		if late.withheld {
			p.Omitted.Previews = append(p.Omitted.Previews, msg.User)
		}
		c.parts, c.files = append(c.parts, late.parts...), append(c.files, late.files...)
	}
	return c, nil
}
