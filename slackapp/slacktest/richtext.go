package slacktest

import (
	"encoding/json"
	"regexp"
	"strings"
)

// RichText returns a text in Slack markup as Slack's own clients would send it: a JSON list with one rich_text block.
// It is empty for an empty text.
func RichText(markup string) json.RawMessage { return richText(markup, "text") }

// richText returns the rich_text block that Slack's own clients send along with a text in Slack markup
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
func richText(text, blockID string) json.RawMessage {
	if text == "" {
		return nil
	}
	var elements []object
	for i, part := range strings.Split(text, "```") {
		if i%2 == 1 {
			code := strings.Trim(part, "\n")
			elements = append(elements, object{
				"type": "rich_text_preformatted", "elements": []object{{"type": "text", "text": unescape(code)}},
			})
			continue
		}
		elements = append(elements, lineGroups(strings.Trim(part, "\n"))...)
	}
	return encode([]object{{"type": "rich_text", "block_id": blockID, "elements": elements}})
}

// lineKinds are the prefixes of lines that form quotes and lists.
var lineKinds = []struct {
	re          *regexp.Regexp
	kind, style string
}{
	{regexp.MustCompile(`^(&gt;|>) ?`), "rich_text_quote", ""},
	{regexp.MustCompile(`^• ?`), "rich_text_list", "bullet"},
	{regexp.MustCompile(`^\d+\. `), "rich_text_list", "ordered"},
}

// lineGroups joins adjacent lines of one kind into one element each.
func lineGroups(text string) []object {
	if text == "" {
		return nil
	}
	var out []object
	var lines []string
	kind, style := "", ""
	flush := func() {
		if len(lines) > 0 {
			out = append(out, lineGroup(kind, style, lines))
			lines = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		k, st := "rich_text_section", ""
		for _, lk := range lineKinds {
			if m := lk.re.FindString(line); m != "" {
				k, st, line = lk.kind, lk.style, line[len(m):]
				break
			}
		}
		if k != kind || st != style {
			flush()
			kind, style = k, st
		}
		lines = append(lines, line)
	}
	flush()
	return out
}

func lineGroup(kind, style string, lines []string) object {
	if kind != "rich_text_list" {
		return object{"type": kind, "elements": inline(strings.Join(lines, "\n"), nil)}
	}
	var items []object
	for _, line := range lines {
		items = append(items, object{"type": "rich_text_section", "elements": inline(line, nil)})
	}
	return object{"type": kind, "style": style, "indent": 0, "border": 0, "elements": items}
}

// inlineToken matches the next part of a line that is not plain text: an entity, an emoji, or a styled span.
var inlineToken = regexp.MustCompile(
	"<[^<>\\s][^<>]*>|:[a-z0-9_+-]+:|`[^`\n]+`|\\*[^*\\s](?:[^*\n]*[^*\\s])?\\*|\\b_[^_\\s](?:[^_\n]*[^_\\s])?_\\b|~[^~\\s](?:[^~\n]*[^~\\s])?~")

var spanStyles = map[byte]string{'`': "code", '*': "bold", '_': "italic", '~': "strike"}

// inline turns Slack markup without line structure into rich text elements.
func inline(text string, style object) []object {
	out := []object{}
	plain := func(t string) {
		if t != "" {
			out = append(out, styled(object{"type": "text", "text": unescape(t)}, style))
		}
	}
	for text != "" {
		at := inlineToken.FindStringIndex(text)
		if at == nil {
			break
		}
		plain(text[:at[0]])
		token := text[at[0]:at[1]]
		text = text[at[1]:]
		switch name := spanStyles[token[0]]; {
		case token[0] == '<':
			out = append(out, styled(entity(token[1:len(token)-1]), style))
		case token[0] == ':':
			out = append(out, object{"type": "emoji", "name": strings.Trim(token, ":")})
		default:
			inner := object{name: true}
			for k, v := range style {
				inner[k] = v
			}
			if name == "code" {
				out = append(out, styled(object{"type": "text", "text": unescape(token[1 : len(token)-1])}, inner))
			} else {
				out = append(out, inline(token[1:len(token)-1], inner)...)
			}
		}
	}
	plain(text)
	return out
}

func styled(el, style object) object {
	if len(style) > 0 {
		el["style"] = style
	}
	return el
}

// entity converts what is between < and > (https://docs.slack.dev/messaging/formatting-message-text#advanced).
func entity(body string) object {
	id, label, labelled := strings.Cut(body, "|")
	switch {
	case strings.HasPrefix(id, "@"):
		return object{"type": "user", "user_id": id[1:]}
	case strings.HasPrefix(id, "#"):
		return object{"type": "channel", "channel_id": id[1:]}
	case strings.HasPrefix(id, "!subteam^"):
		return object{"type": "usergroup", "usergroup_id": strings.TrimPrefix(id, "!subteam^")}
	case id == "!here" || id == "!channel" || id == "!everyone":
		return object{"type": "broadcast", "range": id[1:]}
	case strings.HasPrefix(id, "!"):
		return object{"type": "text", "text": unescape(label)}
	case labelled:
		return object{"type": "link", "url": unescape(id), "text": unescape(label)}
	}
	return object{"type": "link", "url": unescape(id)}
}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func unescape(text string) string { return unescaper.Replace(text) }

// blocksMention reports whether rich text mentions a user.
func blocksMention(raw json.RawMessage, user string) bool {
	if !strings.Contains(string(raw), user) {
		return false
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return false
	}
	found := false
	walk(v, func(o object) {
		found = found || o["type"] == "user" && o["user_id"] == user
	})
	return found
}

// walk calls f for every object in a JSON value, outer ones first.
func walk(v any, f func(object)) {
	switch v := v.(type) {
	case object:
		f(v)
		for _, k := range sortedKeys(v) {
			walk(v[k], f)
		}
	case []any:
		for _, e := range v {
			walk(e, f)
		}
	}
}

// breakEvent replaces the blocks of the message in a callback by malformed ones.
func breakEvent(payload json.RawMessage) json.RawMessage {
	var p object
	if json.Unmarshal(payload, &p) != nil {
		return payload
	}
	inner, ok := p["event"].(object)
	if !ok {
		inner = p
	}
	if m, ok := inner["message"].(object); ok {
		inner = m
	}
	inner["blocks"] = malformedBlocks
	return encode(p)
}
