package content

import "strings"

// WithoutAddress returns mrkdwn without the mention of a user at its beginning.
func WithoutAddress(text, user string) string {
	if from, to := Mention(text, user); user != "" && from >= 0 && TrimBlank(text[:from]) == "" {
		return trimAddress(text[to:])
	}
	return text
}

// withoutAddress removes the mention of the bot at the beginning of a message.
func withoutAddress(pieces []richInline, self string) []richInline {
	for i, p := range pieces {
		switch {
		case p.Type == "text" && TrimBlank(p.Text) == "":
			continue
		case p.Type == "user" && p.User == self:
			rest := pieces[i+1:]
			if len(rest) > 0 && rest[0].Type == "text" && !rest[0].Style.Code {
				rest[0].Text = trimAddress(rest[0].Text)
			}
			return rest
		}
		break
	}
	return pieces
}

// trimAddress removes what separates the mention of the bot from what it is told.
func trimAddress(text string) string {
	return strings.TrimLeftFunc(text, func(r rune) bool {
		return r != '\n' && IsBlank(r) || r == ':' || r == ','
	})
}

// Mention returns the position of the first mention of a user in mrkdwn. from is -1 if there is none.
func Mention(text, user string) (from, to int) {
	mark := "<@" + user
	for at := 0; ; {
		i := strings.Index(text[at:], mark)
		if i < 0 {
			return -1, -1
		}
		from = at + i
		rest := text[from+len(mark):]
		if end := strings.IndexByte(rest, '>'); end == 0 || end > 0 && rest[0] == '|' {
			return from, from + len(mark) + end + 1
		}
		at = from + len(mark)
	}
}
