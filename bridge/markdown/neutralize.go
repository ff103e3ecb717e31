package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordJoiner is a character that nobody sees and at which no line is broken (https://www.unicode.org/charts/PDF/U2000.pdf).
// Behind or before a mark it keeps that from being read as one.
const wordJoiner = "\u2060"

// Neutralize makes sure that nothing in a text notifies anybody, or becomes one of Slack's specials, when it is sent as
// a markdown block or as mrkdwn: mentions of people and groups, references to channels, the commands of
// https://docs.slack.dev/messaging/formatting-message-text#special-mentions, and @channel, @here and @everyone as plain
// text. It puts a WORD JOINER behind the sign that begins them; the package comment says why. Everything else stays as
// it is, and doing it twice changes nothing more.
func Neutralize(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c != '@' && c != '!' && c != '#' {
			continue
		}
		if rest := text[i+1:]; special(text[:i], text[i], rest) || text[i] == '@' && broadcast(text[:i], rest) {
			out.WriteString(text[done : i+1])
			out.WriteString(wordJoiner)
			done = i + 1
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// special is whether a sign makes a special of Slack's of what stands around it: <@U1>, <#C1|name>, <!here>,
// <!subteam^S1>, <!date^0^{date}|then>; or the same as the target of a link, since Slack's own form of those is
// <target|words>. A backslash is not read where Markdown takes it away.
func special(before string, sign byte, rest string) bool {
	for strings.HasSuffix(before, "\\") {
		before = before[:len(before)-1]
	}
	end := byte('>')
	if strings.HasSuffix(before, "](") {
		end = ')'
	} else if !strings.HasSuffix(before, "<") {
		return false
	}
	n := 0
	for n < len(rest) && isAlnum(rest[n]) {
		n++
	}
	word, after := rest[:n], rest[n:]
	closed := after != "" && (after[0] == end || after[0] == '|')
	switch sign {
	case '!':
		return command(word)
	case '#':
		return closed && end == '>' && word != "" && strings.IndexByte("CGDcgd", word[0]) >= 0
	default:
		return closed && word != ""
	}
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// command is whether a word after <! is one of Slack's.
func command(word string) bool {
	switch strings.ToLower(word) {
	case "channel", "here", "everyone", "group", "subteam", "date":
		return true
	}
	return false
}

// broadcast is whether an @ makes a mention of everybody of what stands around it. In an address of mail or of the web
// it does not.
func broadcast(before, rest string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	if before != "" && (isWord(last) || last == '/') {
		return false
	}
	for _, name := range [...]string{"channel", "here", "everyone"} {
		if len(rest) < len(name) || !strings.EqualFold(rest[:len(name)], name) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(rest[len(name):]); len(rest) == len(name) || !isWord(next) {
			return true
		}
	}
	return false
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
