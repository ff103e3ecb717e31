package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordJoiner is WORD JOINER, which is invisible and at which no line is broken
// (https://www.unicode.org/charts/PDF/U2000.pdf). Next to a mark, it keeps that from being read as one.
const wordJoiner = "\u2060"

// Neutralize makes sure that nothing in a text notifies anybody when it is sent as a markdown block or as mrkdwn. It
// puts a WORD JOINER behind the sign that begins a mention of people or groups, a reference to a channel, one of the
// commands of https://docs.slack.dev/messaging/formatting-message-text#special-mentions, or @channel, @here or @everyone
// as plain text. The package comment says why. Everything else stays as it is, and a second call changes nothing more.
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

// special is whether Slack reads a sign, with the text before it and the rest behind it, as a mention or another mark of
// its own: <@U1>, <#C1|name>, <!here>, <!subteam^S1>, <!date^0^{date}|then>. The target of a link counts too, since
// Slack's own form of a link is <target|words>. Backslashes before the sign are skipped: Markdown removes them.
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

// command is whether a word after <! is one of Slack's commands.
func command(word string) bool {
	switch strings.ToLower(word) {
	case "channel", "here", "everyone", "group", "subteam", "date":
		return true
	}
	return false
}

// broadcast is whether an @, with the text before it and the rest behind it, is a mention of everybody. In an address of
// mail or of a web page it is not.
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
