package content

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FromMrkdwn renders Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text) as Markdown. It makes one
// pass: what an entity or an escape becomes is never parsed again.
func FromMrkdwn(text string, n Names) string {
	m := mrkdwn{in: text, names: n}
	for m.at < len(m.in) {
		m.step()
	}
	return m.out.String()
}

type mrkdwn struct {
	in    string
	at    int
	out   strings.Builder
	names Names
	// last is the last rune that was read outside of entities, 0 at the beginning.
	last rune
}

func (m *mrkdwn) step() {
	rest := m.in[m.at:]
	switch {
	case strings.HasPrefix(rest, "```") && m.fence(rest):
	case rest[0] == '`' && m.code(rest):
	case rest[0] == '<' && m.entity(rest):
	case rest[0] == '&' && m.escape(rest):
	case (rest[0] == '*' || rest[0] == '~') && m.styled(rest):
	case strings.HasPrefix(rest, "• ") && (m.last == 0 || m.last == '\n'):
		m.emit("- ", len("• "), ' ')
	default:
		r, size := utf8.DecodeRuneInString(rest)
		m.emit(rest[:size], size, r)
	}
}

// emit writes what n bytes of the input become.
func (m *mrkdwn) emit(out string, n int, last rune) {
	m.out.WriteString(out)
	m.at += n
	m.last = last
}

func (m *mrkdwn) fence(rest string) bool {
	end := strings.Index(rest[3:], "```")
	if end < 0 {
		return false
	}
	text := m.plain(rest[3 : 3+end])
	if m.out.Len() > 0 && m.last != '\n' {
		m.out.WriteByte('\n')
	}
	m.emit(Fence(text, ""), end+6, '`')
	if after := m.in[m.at:]; after != "" && after[0] != '\n' {
		m.emit("\n", 0, '\n')
	}
	return true
}

func (m *mrkdwn) code(rest string) bool {
	end := strings.IndexAny(rest[1:], "`\n")
	if end < 1 || rest[1+end] == '\n' {
		return false
	}
	m.emit(codeSpan(m.plain(rest[1:1+end])), end+2, '`')
	return true
}

// plain renders text inside of code: entities become their text, and nothing is styled.
func (m *mrkdwn) plain(text string) string {
	if !strings.ContainsAny(text, "<&") {
		return text
	}
	inner := mrkdwn{in: text, names: m.names}
	for inner.at < len(inner.in) {
		rest := inner.in[inner.at:]
		switch {
		case rest[0] == '<' && inner.codeEntity(rest):
		case rest[0] == '&' && inner.escape(rest):
		default:
			inner.emit(rest[:1], 1, 0)
		}
	}
	return inner.out.String()
}

func (m *mrkdwn) codeEntity(rest string) bool {
	body, size, ok := cutEntity(rest)
	if !ok {
		return false
	}
	target, label, _ := strings.Cut(body, "|")
	if strings.ContainsAny(target[:1], "@#!") {
		m.emit(m.mention(target, label), size, '>')
		return true
	}
	m.emit(unescaped(cmp.Or(label, target)), size, '>')
	return true
}

func (m *mrkdwn) entity(rest string) bool {
	body, size, ok := cutEntity(rest)
	if !ok {
		return false
	}
	target, label, _ := strings.Cut(body, "|")
	if strings.ContainsAny(target[:1], "@#!") {
		m.emit(m.mention(target, label), size, '>')
		return true
	}
	m.emit(Link(unescaped(target), unescaped(label)), size, '>')
	return true
}

// cutEntity returns the entity that text begins with. Slack escapes a < that was typed, so this one begins an entity.
func cutEntity(text string) (body string, size int, ok bool) {
	end := strings.IndexAny(text[1:], "<>\n")
	if end < 1 || text[1+end] != '>' {
		return "", 0, false
	}
	body = text[1 : 1+end]
	return body, end + 2, body[0] != '|'
}

// mention renders <@U…>, <#C…>, <!subteam^S…>, <!here> and <!date^…>.
func (m *mrkdwn) mention(target, label string) string {
	label = CleanName(unescaped(label))
	id := target[1:]
	switch {
	case target[0] == '@':
		return "@" + m.names.User(id)
	case target[0] == '#':
		if label != "" {
			return "#" + label
		}
		return "#" + m.names.Channel(id)
	case strings.HasPrefix(id, "subteam^"):
		if label != "" {
			return "@" + strings.TrimPrefix(label, "@")
		}
		return "@" + m.names.Group(strings.TrimPrefix(id, "subteam^"))
	case strings.HasPrefix(id, "date^"):
		if label != "" {
			return label
		}
		seconds, _, _ := strings.Cut(strings.TrimPrefix(id, "date^"), "^")
		return unixDate(seconds)
	case label != "":
		return label
	default:
		return "@" + CleanName(id)
	}
}

func (m *mrkdwn) escape(rest string) bool {
	for _, e := range escapes {
		if strings.HasPrefix(rest, e.in) {
			m.emit(e.out, len(e.in), rune(e.out[0]))
			return true
		}
	}
	return false
}

var escapes = []struct{ in, out string }{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}}

var unescaper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

func unescaped(s string) string { return unescaper.Replace(s) }

// styled doubles the marks of bold and struck text. Those of italics are the same in mrkdwn and Markdown.
func (m *mrkdwn) styled(rest string) bool {
	mark := rest[0]
	if isWord(m.last) {
		return false
	}
	end := closing(rest, mark)
	if end < 0 {
		return false
	}
	inner := FromMrkdwn(rest[1:end], m.names)
	m.emit(strings.Repeat(string(rune(mark)), 2)+inner+strings.Repeat(string(rune(mark)), 2), end+1, rune(mark))
	return true
}

// maxStyled limits the search for a closing mark, so that a text full of opening marks takes linear time.
const maxStyled = 1000

// closing returns the position of the mark that ends a style on the same line. It follows something other than a space
// and does not precede a letter.
func closing(rest string, mark byte) int {
	if len(rest) < 3 || rest[1] == ' ' || rest[1] == mark {
		return -1
	}
	rest = rest[:min(len(rest), maxStyled)]
	for i := 2; i < len(rest) && rest[i] != '\n' && rest[i] != '`'; i++ {
		if rest[i] != mark || rest[i-1] == ' ' {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(rest[i+1:]); i+1 == len(rest) || !isWord(next) {
			return i
		}
	}
	return -1
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var blankLines = regexp.MustCompile(`\n{3,}`)

// Tidy removes blank lines at the ends of a text, and, unless it holds code, all but one between paragraphs.
func Tidy(text string) string {
	text = strings.Trim(text, "\n")
	if strings.Contains(text, "```") {
		return text
	}
	return blankLines.ReplaceAllString(text, "\n\n")
}
