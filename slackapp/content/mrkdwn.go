package content

import (
	"strings"
	"unicode/utf8"
)

// FromMrkdwn renders Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text) as Markdown. It makes one
// pass: what an entity or an escape becomes is never parsed again.
func FromMrkdwn(text string, n Names) string {
	m := mrkdwn{names: n}
	m.parse(text, runStyle{})
	m.flush()
	return m.out.String()
}

// mrkdwn renders a text: blocks of code and quotes as they come, and the running text between them at its end.
type mrkdwn struct {
	names Names
	out   strings.Builder
	run   inline
	// last is the last rune that was read outside of entities, 0 at the beginning.
	last rune
}

// parse reads a text, or what stands between the marks of a style.
func (m *mrkdwn) parse(text string, style runStyle) {
	for text != "" {
		n := m.step(text, style)
		text = text[n:]
	}
}

// step reads what the text begins with and returns its length.
func (m *mrkdwn) step(text string, style runStyle) int {
	atStart := style.plain() && (m.last == 0 || m.last == '\n')
	for _, read := range []func(string, runStyle) int{m.quote, m.fence, m.code, m.entity, m.escape, m.styled} {
		if n := read(text, style); n > 0 {
			return n
		}
	}
	if atStart && strings.HasPrefix(text, "• ") {
		m.typed("- ", style)
		return len("• ")
	}
	r, size := utf8.DecodeRuneInString(text)
	m.typed(text[:size], style)
	m.last = r
	return size
}

func (m *mrkdwn) typed(text string, style runStyle) {
	m.run.text(text, style)
	m.last, _ = utf8.DecodeLastRuneInString(text)
}

// flush writes the running text.
func (m *mrkdwn) flush() {
	m.out.WriteString(m.run.String())
	m.run = inline{}
}

// quote reads lines that begin with ">", or all the rest of the text behind ">>>".
func (m *mrkdwn) quote(text string, style runStyle) int {
	if !style.plain() || m.last != 0 && m.last != '\n' || !strings.HasPrefix(text, "&gt;") {
		return 0
	}
	var quoted strings.Builder
	n := len(text)
	if rest, all := strings.CutPrefix(text, "&gt;&gt;&gt;"); all {
		quoted.WriteString(strings.TrimPrefix(rest, " "))
	} else {
		n = 0
		for line := range strings.Lines(text) {
			rest, is := strings.CutPrefix(line, "&gt;")
			if !is {
				break
			}
			n += len(line)
			quoted.WriteString(strings.TrimPrefix(rest, " "))
		}
	}
	m.flush()
	if before := m.out.String(); before != "" && !strings.HasSuffix(before, "\n\n") {
		m.out.WriteByte('\n')
	}
	m.out.WriteString(Quote(FromMrkdwn(strings.TrimSuffix(quoted.String(), "\n"), m.names)))
	if n < len(text) {
		m.out.WriteString("\n\n") // otherwise the next line would belong to the quote
	}
	m.last = '\n'
	return n
}

func (m *mrkdwn) fence(text string, _ runStyle) int {
	rest, ok := strings.CutPrefix(text, "```")
	body, _, closed := strings.Cut(rest, "```")
	if !ok || !closed || body == "" {
		return 0
	}
	n := len(body) + 6
	code, links := plainCode(m.codePieces(body))
	startsLine := m.last == 0 || m.last == '\n'
	m.flush()
	if !startsLine {
		m.out.WriteByte('\n')
	}
	m.out.WriteString(Fence(strings.TrimSuffix(strings.TrimPrefix(code, "\n"), "\n"), "") + links)
	m.last = '`'
	if n < len(text) && text[n] != '\n' {
		m.out.WriteByte('\n')
		m.last = '\n'
	}
	return n
}

// code reads a code span. Like every mark of Slack's, its marks stand at the ends of words: a single backtick that was
// typed before doesn't begin it.
func (m *mrkdwn) code(text string, style runStyle) int {
	if text[0] != '`' || isWord(m.last) {
		return 0
	}
	end := strings.IndexAny(text[1:], "`\n")
	if end < 1 || text[1+end] == '\n' {
		return 0
	}
	if next, _ := utf8.DecodeRuneInString(text[end+2:]); isWord(next) {
		return 0
	}
	for _, p := range m.codePieces(text[1 : 1+end]) {
		p.style.bold, p.style.italic, p.style.strike = style.bold, style.italic, style.strike
		m.run.add(p)
	}
	m.last = '`'
	return end + 2
}

// codePieces reads what stands in code: entities become their text, and links that say more than their address remain.
func (m *mrkdwn) codePieces(text string) []piece {
	inner := mrkdwn{names: m.names}
	code := runStyle{code: true}
	for text != "" {
		n := max(inner.entity(text, code), inner.escape(text, code))
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text)
			inner.run.text(text[:n], code)
		}
		text = text[n:]
	}
	return inner.run.pieces
}

// entity reads <@U…>, <#C…>, <!…> and links.
func (m *mrkdwn) entity(text string, style runStyle) int {
	body, size, ok := cutEntity(text)
	if !ok {
		return 0
	}
	target, label, _ := strings.Cut(body, "|")
	if strings.ContainsAny(target[:1], "@#!") {
		m.run.text(m.mention(target, label), style)
	} else {
		m.run.link(unescaped(target), unescaped(label), style)
	}
	m.last = '>'
	return size
}

// cutEntity returns the entity that text begins with. Slack escapes a < that was typed, so this one begins an entity.
func cutEntity(text string) (body string, size int, ok bool) {
	if text[0] != '<' {
		return "", 0, false
	}
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

func (m *mrkdwn) escape(text string, style runStyle) int {
	if text[0] != '&' {
		return 0
	}
	for _, e := range escapes {
		if strings.HasPrefix(text, e.in) {
			m.typed(e.out, style)
			return len(e.in)
		}
	}
	return 0
}

var escapes = []struct{ in, out string }{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}}

var unescaper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

func unescaped(s string) string { return unescaper.Replace(s) }

// styled reads a text between the marks of a style.
func (m *mrkdwn) styled(text string, style runStyle) int {
	mark := text[0]
	switch mark {
	case '*':
		style.bold = true
	case '_':
		style.italic = true
	case '~':
		style.strike = true
	default:
		return 0
	}
	if isWord(m.last) || m.last == rune(mark) {
		return 0
	}
	end := closing(text, mark)
	if end < 0 {
		return 0
	}
	m.last = rune(mark)
	m.parse(text[1:end], style)
	m.last = rune(mark)
	return end + 1
}

// maxStyled limits the search for a closing mark, so that a text full of opening marks takes linear time.
const maxStyled = 1000

// closing returns the position of the mark that ends a style on the same line. It follows something other than a space
// and does not precede a letter. Marks in code and in entities are none.
func closing(text string, mark byte) int {
	if len(text) < 3 || text[1] == ' ' || text[1] == mark {
		return -1
	}
	text = text[:min(len(text), maxStyled)]
	for i := 1; i < len(text) && text[i] != '\n'; i++ {
		switch {
		case text[i] == '`', text[i] == '<':
			end := strings.IndexByte(text[i+1:], map[byte]byte{'`': '`', '<': '>'}[text[i]])
			if end < 0 {
				return -1
			}
			i += end + 1
			continue
		case text[i] != mark || i < 2 || text[i-1] == ' ':
			continue
		}
		if next, _ := utf8.DecodeRuneInString(text[i+1:]); i+1 == len(text) || !isWord(next) && next != rune(mark) {
			return i
		}
	}
	return -1
}
