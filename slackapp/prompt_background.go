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

// maxQuotedMessage bounds each message of the background, in characters.
const maxQuotedMessage = 6000

// background reads the thread around the message that starts it: what was said before comes back as quoted text in
// parts, what people said after as messages of their own in p.
func (a *App) background(ctx context.Context, b messageBody, framing bridge.PromptContext, n nameResolver, p *bridge.Prompt) (parts []string, err error) {
	if framing.NoBackground {
		return []string{labelNoContext, labelMessage}, nil
	}
	h := contextReader{parser: eventParser{identity: n.self, gate: a.gate}, at: location{b.Channel, b.root()}, startTS: b.TS, since: framing.Since, limit: a.cfg.ContextMessages}
	err = a.readThread(ctx, h.at, readOptions{}, h.add)
	switch {
	case errors.Is(err, bridge.ClassRejected), errors.Is(err, bridge.ClassNotFound):
		return []string{labelNoContext, labelMessage}, nil
	case err != nil:
		return nil, err
	}
	parts, err = a.quoteHistory(ctx, &h, n)
	if framing.NewSession {
		p.EarlyReplies, p.Earlier = h.later, h.quoted
	}
	return parts, err
}

// contextReader collects a thread as it is read, no more of it than is needed.
type contextReader struct {
	parser  eventParser
	at      location
	startTS string // of the message that starts the session, or goes on with it
	since   string // what is not newer is known; empty for all
	limit   int    // negative: nothing at all

	root    *slackMessage
	before  []slackMessage // the last ones
	omitted int
	quoted  int // how many of them go along
	later   []bridge.Message
}

func (h *contextReader) add(msg slackMessage) error {
	switch {
	case msg.TS == h.startTS:
	case bridge.TSBefore(h.startTS, msg.TS):
		if m := h.parser.parseMessage(msg, eventContext{channel: h.at.channel}).message; m != nil && m.Aside == "" {
			m.Thread = h.at.key(h.parser.identity.Team)
			h.later = append(h.later, *m)
		}
	case h.since != "" && !bridge.TSBefore(h.since, msg.TS):
	case h.limit < 0 || h.parser.identity.isOurs(msg) || !isMessage(msg) || h.since != "" && h.isAside(msg):
	case msg.TS == h.at.root:
		h.root = &msg
	default:
		h.before = append(h.before, msg)
		if len(h.before) > h.limit {
			h.before = h.before[1:]
			h.omitted++
		}
	}
	return nil
}

// isAside reports whether people talked among themselves in a thread of ours.
func (h *contextReader) isAside(msg slackMessage) bool {
	m := h.parser.parseMessage(msg, eventContext{channel: h.at.channel}).message
	return m != nil && m.Aside != ""
}

// isMessage reports whether a message is something that a person or an app said, and not among people only.
func isMessage(msg slackMessage) bool {
	switch msg.Subtype {
	case "", "file_share", "thread_broadcast", "me_message", "bot_message":
		return !strings.HasPrefix(strings.TrimSpace(msg.Text), bridge.AsideMark)
	default:
		return false
	}
}

// quoteHistory renders the root and the last messages before the one that starts the session, those aside of people who
// may not use the bot.
func (a *App) quoteHistory(ctx context.Context, h *contextReader, n nameResolver) ([]string, error) {
	all := h.before
	if h.root != nil {
		all = append([]slackMessage{*h.root}, all...)
	}
	var quotes []string
	barred := 0
	for _, msg := range all {
		ok, err := a.isQuotable(ctx, msg, n.self)
		if err != nil {
			return nil, err
		}
		if !ok {
			barred++
			continue
		}
		if text := msg.markdown(n); text != "" {
			quotes = append(quotes, content.Quote(msg.headline(n)+"\n"+text))
		}
	}
	h.quoted = len(quotes)
	left := labelLeftOut(h.omitted, barred)
	if len(quotes) == 0 && left == "" {
		return nil, nil
	}
	parts := []string{labelContext}
	if len(quotes) > 0 {
		// A quotation each: what one leaves open, a fence, ends with it.
		parts = append(parts, strings.Join(quotes, "\n\n"))
	}
	if left != "" {
		parts = append(parts, left)
	}
	return append(parts, labelMessage), nil
}

// isQuotable reports whether a message may go along as background: what apps post in the channel may, and what
// people say who may use the bot themselves.
func (a *App) isQuotable(ctx context.Context, msg slackMessage, me botIdentity) (bool, error) {
	if msg.BotID != "" || msg.User == slackbot {
		return true, nil
	}
	if !validID(msg.User) {
		return false, nil
	}
	refusal, err := a.authorizePerson(ctx, me, msg.User)
	if errors.Is(err, bridge.ClassRejected) {
		return false, nil // Slack knows nobody of that id
	}
	return refusal == bridge.Allowed, err
}

// headline names who said something, and when.
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

// markdown is what a message of the background says: its text, or what its blocks and attachments say where it has
// none, as apps do; and the names of its files.
func (msg slackMessage) markdown(n nameResolver) string {
	text := ""
	if content.HasRichText(msg.Blocks) && msg.BotID == "" {
		text, _ = content.FromRichText(msg.Blocks, n, "")
	}
	if text == "" {
		text = content.FromMrkdwn(msg.Text, n)
	}
	if strings.TrimSpace(text) == "" {
		text = strings.Join(content.FromBlocks(msg.Blocks, n), "\n\n")
	}
	parts := []string{content.Tidy(text)}
	for _, at := range msg.Attachments {
		if at.FromURL == "" || at.Share { // a preview says what the page says, not what the person said
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
