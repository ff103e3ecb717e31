package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// RenderThread returns a thread as people see it, as plain text: names instead of ids, emoji with counts, buttons in
// [brackets], and ephemeral messages marked with the person who sees them. Replies are indented, deleted ones left out.
// It is empty if there is no such root.
func (s *Server) RenderThread(channelID, root string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channelID]
	if ch == nil || ch.byTS[root] == nil {
		return ""
	}
	r := renderer{s: s}
	r.thread(ch, ch.byTS[root])
	return r.b.String()
}

// RenderChannel returns everything in a channel as people see it, in order, with all threads expanded.
func (s *Server) RenderChannel(channelID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channelID]
	if ch == nil {
		return ""
	}
	r := renderer{s: s}
	loose := []timedEntry{}
	for _, e := range ch.ephemerals {
		if ch.byTS[e.ThreadTS] == nil && !e.Deleted {
			loose = append(loose, timedEntry{e.TS, func() { r.ephemeral(e, "") }})
		}
	}
	for _, m := range ch.messages {
		if !m.isReply() && !ch.isGone(m) {
			loose = append(loose, timedEntry{m.TS, func() { r.thread(ch, m) }})
		}
	}
	printInOrder(loose)
	return r.b.String()
}

// timedEntry is text with the time that it belongs to.
type timedEntry struct {
	ts   string
	show func()
}

func printInOrder(entries []timedEntry) {
	slices.SortStableFunc(entries, func(a, b timedEntry) int { return compareTS(a.ts, b.ts) })
	for _, e := range entries {
		e.show()
	}
}

// renderer writes messages as text. Server.mu is held while it works.
type renderer struct {
	s *Server
	b strings.Builder
}

func (r *renderer) thread(ch *channel, root *message) {
	r.message(root, "")
	var entries []timedEntry
	for _, m := range ch.currentReplies(root.TS) {
		entries = append(entries, timedEntry{m.TS, func() { r.message(m, "  ") }})
	}
	for _, e := range ch.ephemerals {
		if at, ok := ch.rootOf(e.ThreadTS); ok && at == root.TS && !e.Deleted {
			entries = append(entries, timedEntry{e.TS, func() { r.ephemeral(e, "  ") }})
		}
	}
	printInOrder(entries)
}

func (r *renderer) message(m *message, indent string) {
	if m.Deleted {
		fmt.Fprintf(&r.b, "%s(This message was deleted.)\n", indent)
		return
	}
	who := r.name(m.User)
	if m.BotID != "" {
		who += " (app)"
	}
	if m.Broadcast {
		who += " (also sent to the channel)"
	}
	fmt.Fprintf(&r.b, "%s%s\n", indent, who)
	lines := r.body(m.Text, m.Blocks, m.Attachments)
	for _, f := range m.Files {
		lines = append(lines, "📎 "+f.Title)
	}
	if m.EditedTS != "" {
		if len(lines) == 0 {
			lines = []string{""}
		}
		lines[len(lines)-1] += " (edited)"
	}
	var emoji []string
	for _, re := range m.Reactions {
		emoji = append(emoji, fmt.Sprintf("%s %d", emojiOf(re.Name), len(re.Users)))
	}
	if len(emoji) > 0 {
		lines = append(lines, strings.Join(emoji, "  "))
	}
	r.lines(lines, indent)
}

func (r *renderer) ephemeral(e *Ephemeral, indent string) {
	fmt.Fprintf(&r.b, "%s%s (app) (only visible to %s)\n", indent, r.name(r.s.cfg.BotUserID), r.name(e.User))
	r.lines(r.body(e.Text, e.Blocks, nil), indent)
}

func (r *renderer) lines(lines []string, indent string) {
	for _, l := range lines {
		fmt.Fprintf(&r.b, "%s\n", strings.TrimRight(indent+"    "+l, " "))
	}
}

// body returns what people see of a message: its blocks if it has any, else its text, and its attachments.
func (r *renderer) body(text string, blocks, attachments json.RawMessage) []string {
	var lines []string
	var list []object
	if len(blocks) > 0 && json.Unmarshal(blocks, &list) == nil && len(list) > 0 {
		for _, b := range list {
			lines = append(lines, r.block(b)...)
		}
	} else if text != "" {
		lines = strings.Split(r.markup(text), "\n")
	}
	var notes []object
	if len(attachments) > 0 && json.Unmarshal(attachments, &notes) == nil {
		for _, a := range notes {
			for _, k := range []string{"pretext", "title", "text"} {
				if t, ok := a[k].(string); ok && t != "" {
					lines = append(lines, "│ "+strings.ReplaceAll(r.markup(t), "\n", "\n│ "))
				}
			}
		}
	}
	return strings.Split(strings.Join(lines, "\n"), "\n")
}

// block renders one block, line by line (https://docs.slack.dev/reference/block-kit/blocks).
func (r *renderer) block(b object) []string {
	elements, _ := b["elements"].([]any)
	switch b["type"] {
	case "rich_text":
		return r.richText(elements)
	case "markdown":
		text, _ := b["text"].(string)
		return strings.Split(text, "\n")
	case "divider":
		return []string{"———"}
	case "image":
		alt, _ := b["alt_text"].(string)
		return []string{"(picture: " + alt + ")"}
	case "section":
		return r.section(b)
	case "header":
		return []string{r.element(b["text"])}
	case "context", "actions", "context_actions":
		var parts []string
		for _, e := range elements {
			parts = append(parts, r.element(e))
		}
		return strings.Split(strings.Join(parts, " "), "\n")
	}
	return []string{fmt.Sprintf("(%v)", b["type"])}
}

func (r *renderer) section(b object) []string {
	var parts []string
	if b["text"] != nil {
		parts = append(parts, r.element(b["text"]))
	}
	fields, _ := b["fields"].([]any)
	for _, f := range fields {
		parts = append(parts, r.element(f))
	}
	if b["accessory"] != nil {
		parts = append(parts, r.element(b["accessory"]))
	}
	return strings.Split(strings.Join(parts, "\n"), "\n")
}

// element renders a text object, a button, or the name of anything else.
func (r *renderer) element(v any) string {
	o, _ := v.(object)
	text, _ := o["text"].(string)
	switch o["type"] {
	case "mrkdwn":
		return r.markup(text)
	case "plain_text":
		return emojiCodes.ReplaceAllStringFunc(text, emojiOf)
	case "button", "workflow_button":
		return "[" + r.element(o["text"]) + "]"
	case "static_select":
		options, _ := o["options"].([]any)
		labels := make([]string, 0, len(options))
		for _, option := range options {
			one, _ := option.(object)
			labels = append(labels, r.element(one["text"]))
		}
		return "[" + r.element(o["placeholder"]) + ": " + strings.Join(labels, " | ") + "]"
	case "image":
		alt, _ := o["alt_text"].(string)
		return "(picture: " + alt + ")"
	}
	return fmt.Sprintf("(%v)", o["type"])
}

// richText renders the content of a rich_text block.
func (r *renderer) richText(elements []any) []string {
	var lines []string
	for _, e := range elements {
		o, _ := e.(object)
		inside, _ := o["elements"].([]any)
		switch o["type"] {
		case "rich_text_list":
			indent, _ := o["indent"].(float64)
			for i, item := range inside {
				it, _ := item.(object)
				parts, _ := it["elements"].([]any)
				sign := "• "
				if o["style"] == "ordered" {
					sign = fmt.Sprintf("%d. ", i+1)
				}
				lines = append(lines, strings.Repeat("  ", int(indent))+sign+r.spans(parts))
			}
		case "rich_text_quote":
			lines = append(lines, "> "+strings.ReplaceAll(r.spans(inside), "\n", "\n> "))
		case "rich_text_preformatted":
			lines = append(lines, "```", r.spans(inside), "```")
		default:
			lines = append(lines, r.spans(inside))
		}
	}
	return lines
}

func (r *renderer) spans(elements []any) string {
	var b strings.Builder
	for _, e := range elements {
		o, _ := e.(object)
		b.WriteString(r.span(o))
	}
	return b.String()
}

func (r *renderer) span(o object) string {
	word := func(k string) string { t, _ := o[k].(string); return t }
	text := word("text")
	switch o["type"] {
	case "user":
		text = "@" + r.name(word("user_id"))
	case "usergroup":
		text = "@" + r.group(word("usergroup_id"))
	case "channel":
		text = "#" + r.channel(word("channel_id"))
	case "broadcast":
		text = "@" + word("range")
	case "emoji":
		text = emojiOf(word("name"))
	case "link":
		if text == "" {
			text = word("url")
		}
	}
	style, _ := o["style"].(object)
	for _, m := range []struct{ name, sign string }{{"code", "`"}, {"strike", "~"}, {"italic", "_"}, {"bold", "*"}} {
		if on, _ := style[m.name].(bool); on && text != "" {
			text = m.sign + text + m.sign
		}
	}
	return text
}
