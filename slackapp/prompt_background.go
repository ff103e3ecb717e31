package slackapp

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// maxQuotedMessage limits each message of the background, in characters.
const maxQuotedMessage = 6000

// background reads the thread around the message that begins a session. It returns the earlier messages as quotations, and
// adds what people wrote after it to p as messages of their own.
func (a *App) background(ctx context.Context, b messageBody, framing bridge.PromptContext, n nameResolver, p *bridge.Prompt) (parts []string, err error) {
	if framing.NoBackground {
		return []string{labelNoContext, labelMessage}, nil
	}
	r := contextReader{parser: eventParser{identity: n.self, gate: a.gate}, at: location{b.Channel, b.root()}, startTS: b.TS, since: framing.Since, limit: a.cfg.ContextMessages}
	err = a.readThread(ctx, r.at, readOptions{}, r.add)
	switch {
	case errors.Is(err, bridge.ClassRejected), errors.Is(err, bridge.ClassNotFound):
		return []string{labelNoContext, labelMessage}, nil
	case err != nil:
		return nil, err
	}
	parts, err = a.quoteHistory(ctx, &r, n)
	if framing.NewSession {
		p.EarlyReplies, p.Earlier = r.later, r.quoted
	}
	return parts, err
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
	quoted  int // how many of them are quoted
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
		r.root = &msg
	default:
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
		return !strings.HasPrefix(strings.TrimSpace(msg.Text), bridge.AsideMark)
	default:
		return false
	}
}

// quoteHistory renders the root and the last messages before the one that begins the session, without those of people who
// may not use the bot.
func (a *App) quoteHistory(ctx context.Context, r *contextReader, n nameResolver) ([]string, error) {
	all := r.before
	if r.root != nil {
		all = append([]slackMessage{*r.root}, all...)
	}
	var quotes []string
	excluded := 0
	for _, msg := range all {
		ok, err := a.isQuotable(ctx, msg, n.self)
		if err != nil {
			return nil, err
		}
		if !ok {
			excluded++
			continue
		}
		if text := msg.markdown(n); text != "" {
			quotes = append(quotes, content.Quote(msg.headline(n)+"\n"+text))
		}
	}
	r.quoted = len(quotes)
	left := labelLeftOut(r.omitted, excluded)
	if len(quotes) == 0 && left == "" {
		return nil, nil
	}
	parts := []string{labelContext}
	if len(quotes) > 0 {
		// Each message is a quotation of its own, so that an open fence ends with it.
		parts = append(parts, strings.Join(quotes, "\n\n"))
	}
	if left != "" {
		parts = append(parts, left)
	}
	return append(parts, labelMessage), nil
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

// headline says who wrote a message, and when.
func (msg slackMessage) headline(n nameResolver) string {
	who := ""
	switch {
	case msg.BotID != "" || msg.User == slackbot:
		who = cmp.Or(content.CleanName(msg.Username), content.CleanName(msg.Profile.Name), "An app") + " (app)"
	default:
		who = n.User(msg.User)
	}
	return "**" + who + "**, " + content.Date(msg.TS) + ":"
}

// markdown renders a message of the background with the messages that it quotes, and the names of its files.
func (msg slackMessage) markdown(n nameResolver) string {
	parts := []string{content.Message{Text: msg.Text, Blocks: msg.Blocks, Attachments: msg.Attachments}.Markdown(n, "")}
	for _, at := range msg.Attachments {
		if at.Share {
			parts = append(parts, at.Markdown(n))
		}
	}
	for _, f := range msg.Files {
		if f.ID != "" {
			parts = append(parts, "[file: "+f.link()+"]")
		}
	}
	var full []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			full = append(full, p)
		}
	}
	return bounded(strings.Join(full, "\n\n"))
}

func bounded(text string) string {
	n := utf8.RuneCountInString(text)
	if n <= maxQuotedMessage {
		return text
	}
	return string([]rune(text)[:maxQuotedMessage]) + "\n" + labelTruncated(n-maxQuotedMessage)
}
