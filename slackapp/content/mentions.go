package content

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// Mentioned says how a message mentions a user.
type Mentioned int

const (
	// NotMentioned: neither the text nor a rich_text block names the user.
	NotMentioned Mentioned = iota
	// MentionQuoted: only quotes and code do, which repeat what was said elsewhere.
	MentionQuoted
	// MentionAddressed: the author does.
	MentionAddressed
)

// Mentions tells how the message mentions a user. Its rich_text blocks decide if it has any, since the text doesn't say
// reliably what is code.
func (m Message) Mentions(user string) Mentioned {
	if user == "" {
		return NotMentioned
	}
	if HasRichText(m.Blocks) && bytes.Contains(m.Blocks, []byte(user)) {
		if found := mentionsInRichText(m.Blocks, user); found != NotMentioned {
			return found
		}
	}
	return mentionsInText(m.Text, user)
}

func mentionsInRichText(blocks json.RawMessage, user string) Mentioned {
	var all []json.RawMessage
	if err := json.Unmarshal(blocks, &all); err != nil {
		return NotMentioned
	}
	found := NotMentioned
	for _, b := range slackjson.UnmarshalEach[richBlock](all) {
		for _, part := range b.Elements {
			if b.Type == "rich_text" {
				found = max(found, part.mentions(user))
			}
		}
	}
	return found
}

func (p richPart) mentions(user string) Mentioned {
	found := NotMentioned
	if p.Type == "rich_text_list" {
		for _, item := range p.items() {
			if item.Type != "rich_text_list" {
				found = max(found, item.mentions(user))
			}
		}
	} else {
		for _, i := range p.pieces() {
			switch {
			case i.Type != "user" || i.User != user:
			case i.Style.Code:
				found = max(found, MentionQuoted)
			default:
				found = MentionAddressed
			}
		}
	}
	if p.Type == "rich_text_quote" || p.Type == "rich_text_preformatted" || p.Border > 0 {
		found = min(found, MentionQuoted)
	}
	return found
}

func mentionsInText(text, user string) Mentioned {
	if from, _ := Mention(text, user); from < 0 {
		return NotMentioned
	}
	for i, outside := range strings.Split(text, "```") {
		if i%2 == 0 && slices.ContainsFunc(strings.Split(outside, "\n"), func(line string) bool { return addressed(line, user) }) {
			return MentionAddressed
		}
	}
	return MentionQuoted
}

// addressed reports whether a line of mrkdwn mentions the user, and neither as a quote nor in code.
func addressed(line, user string) bool {
	if strings.HasPrefix(line, "&gt;") {
		return false
	}
	spans := strings.Split(line, "`")
	for i, outside := range spans {
		if from, _ := Mention(outside, user); from >= 0 && (i%2 == 0 || i == len(spans)-1) {
			return true
		}
	}
	return false
}
