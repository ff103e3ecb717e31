package slackapp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
)

// readTime is how long reading the background may take, with all that it asks of Slack.
const readTime = 10 * time.Second

// background reads the thread around the message that begins a session. It returns the earlier messages as quotations, and
// adds what people wrote after it to p as messages of their own. If the thread can't be read, the prompt says so.
func (a *App) background(ctx context.Context, b messageBody, framing bridge.PromptContext, n nameResolver, p *bridge.Prompt) (parts []string, err error) {
	reading, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	n.ctx = reading
	r := contextReader{parser: eventParser{identity: n.self, gate: a.gate}, at: location{b.Channel, b.root()}, startTS: b.TS, since: framing.Since, limit: a.cfg.ContextMessages}
	err = a.readThread(reading, r.at, readOptions{}, r.add)
	if err == nil {
		parts, err = a.quoteHistory(reading, &r, n, framing, p)
	}
	if err == nil {
		err = ctxFault(reading)
	}
	if cut := ctxFault(ctx); cut != nil {
		return nil, cut
	}
	switch {
	case errors.Is(err, bridge.ClassRejected), errors.Is(err, bridge.ClassNotFound), framing.LastTry && errors.Is(err, bridge.ClassTemporary):
		if b.TS == b.root() {
			return nil, nil // there are no earlier messages
		}
		p.Omitted = bridge.Omissions{Background: true}
		return []string{labelNoContext}, nil
	case err != nil:
		return nil, err
	}
	if framing.NewSession {
		p.EarlyReplies = r.later
	}
	return parts, nil
}

// contextReader collects the messages of a thread as they are read, and keeps no more than limit of them.
type contextReader struct {
	parser  eventParser
	at      location
	startTS string // of the message that begins or continues the session
	since   string // the agent knows the messages up to this ts; empty if none
	limit   int    // negative for no background at all

	root    *slackMessage
	before  []slackMessage // the last limit messages
	omitted int
	later   []bridge.Message
}

func (r *contextReader) add(msg slackMessage) error {
	switch {
	case msg.TS == r.startTS:
	case bridge.TSBefore(r.startTS, msg.TS):
		if m := r.parser.parseMessage(msg, eventContext{channel: r.at.channel}).message; m != nil && m.Aside == "" {
			m.Thread = r.at.key(r.parser.identity.Team)
			r.later = append(r.later, *m)
		}
	case r.since != "" && !bridge.TSBefore(r.since, msg.TS):
	case r.limit < 0 || r.parser.identity.isOurs(msg) || !isMessage(msg) || r.since != "" && r.isAside(msg):
	case msg.TS == r.at.root:
		msg.Channel = r.at.channel
		r.root = &msg
	default:
		msg.Channel = r.at.channel
		r.before = append(r.before, msg)
		if len(r.before) > r.limit {
			r.before = r.before[1:]
			r.omitted++
		}
	}
	return nil
}

// isAside reports whether a message in a thread of ours is addressed to other people.
func (r *contextReader) isAside(msg slackMessage) bool {
	m := r.parser.parseMessage(msg, eventContext{channel: r.at.channel}).message
	return m != nil && m.Aside != ""
}

// isMessage reports whether a person or an app wrote the message, and not with the aside mark.
func isMessage(msg slackMessage) bool {
	switch msg.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
		return !isAside(msg.Text)
	default:
		return false
	}
}

// quoteHistory renders the root, and of the messages before the one that begins the session the newest that fit, without
// those of people who may not use the bot. None is cut.
func (a *App) quoteHistory(ctx context.Context, r *contextReader, n nameResolver, framing bridge.PromptContext, p *bridge.Prompt) ([]string, error) {
	h := history{left: r.omitted}
	if r.root != nil {
		if err := a.quoteEarlier(ctx, &h, *r.root, n, framing, p); err != nil {
			return nil, err
		}
	}
	root := h.quotes
	h.quotes = nil
	for i, msg := range slices.Backward(r.before) {
		if framing.RootOnly || h.full {
			h.left += i + 1
			break
		}
		h.limit = a.cfg.ContextChars
		if err := a.quoteEarlier(ctx, &h, msg, n, framing, p); err != nil {
			return nil, err
		}
	}
	slices.Reverse(h.quotes)
	quotes := append(root, h.quotes...)
	p.Earlier, p.LeftOut = len(quotes), h.left
	var parts []string
	if len(quotes) > 0 {
		parts = append(parts, strings.Join(quotes, "\n\n"))
	}
	if left := labelLeftOut(h.left, h.excluded); left != "" {
		parts = append(parts, left)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return append([]string{labelQuoted(labelContext)}, parts...), nil
}

// history is what the prompt quotes of a thread.
type history struct {
	quotes []string
	chars  int
	// limit is how many characters there may be; 0 for any number. full says that a message did not fit.
	limit int
	full  bool
	// left are left out for length, excluded because their authors may not use the bot.
	left, excluded int
}

// quoteEarlier adds a message to the history with the messages that it carries and its files. The files of the thread's
// root are read like those of the message itself: a thread is often about them.
func (a *App) quoteEarlier(ctx context.Context, h *history, msg slackMessage, n nameResolver, framing bridge.PromptContext, p *bridge.Prompt) error {
	switch ok, err := a.isQuotable(ctx, msg, n.self); {
	case err != nil:
		return err
	case !ok:
		h.excluded++
		return nil
	}
	b := newMessageBody(msg, eventContext{channel: msg.Channel})
	c, err := a.carry(ctx, b.Quoted, b.Channel, n, framing.LastTry)
	if err != nil {
		return err
	}
	files := append(b.Files, c.files...)
	if b.TS != b.root() {
		c.parts = append(c.parts, nameFiles(files)...)
	} else {
		read, err := a.attachFiles(ctx, files, framing.LastTry, &p.Omitted)
		if err != nil {
			return err
		}
		c.parts = append(c.parts, read...)
	}
	text := msg.quoted().quote(n, "", c.parts...)
	size := utf8.RuneCountInString(text)
	switch {
	case text == "":
	case h.limit > 0 && h.chars+size > h.limit:
		h.full = true
		h.left++
	default:
		h.quotes, h.chars = append(h.quotes, text), h.chars+size
	}
	return nil
}

// nameFiles renders files by name, with the text that Slack gives along with them.
func nameFiles(files []file) []string {
	var parts []string
	for _, f := range files {
		parts = append(parts, "[file: "+f.reference()+"]")
		if text, whole := f.text(); text != "" && !f.isText() {
			parts = append(parts, attachedFile{file: f, content: text, partial: !whole}.markdown())
		}
	}
	return parts
}

// isQuotable reports whether a message may be part of the background: those of apps may, and those of people who may use
// the bot.
func (a *App) isQuotable(ctx context.Context, msg slackMessage, me botIdentity) (bool, error) {
	if msg.BotID != "" || msg.User == slackbot {
		return true, nil
	}
	if !validID(msg.User) {
		return false, nil
	}
	refusal, err := a.authorizePerson(ctx, me, msg.User)
	if errors.Is(err, bridge.ClassRejected) {
		return false, nil // Slack knows no user with this id
	}
	return refusal == bridge.Allowed, err
}
