package markdown

import "strings"

// wordJoiner is WORD JOINER, which is invisible and at which no line is broken
// (https://www.unicode.org/charts/PDF/U2000.pdf). Next to a mark, it keeps that from being read as one.
const wordJoiner = "\u2060"

// mentions is whether byte i of the text is the sign of a mention that notifies people: <@U012AB3CD>, <!here>,
// <!subteam^S012AB3CD> (https://docs.slack.dev/messaging/formatting-message-text#special-mentions). The target of a link
// counts too, since Slack's own form of a link is <target|words>. Backslashes are skipped: Markdown removes them.
func mentions(text string, i int) bool {
	if text[i] != '@' && text[i] != '!' {
		return false
	}
	before := strings.TrimRight(text[:i], "\\")
	if !strings.HasSuffix(before, "<") && !strings.HasSuffix(before, "](") {
		return false
	}
	rest := text[i+1:]
	n := 0
	for n < len(rest) && isAlnum(rest[n]) {
		n++
	}
	if text[i] == '@' {
		return isUser(rest[:n]) && endsMention(rest[n:])
	}
	switch strings.ToLower(rest[:n]) {
	case "channel", "here", "everyone", "group", "subteam":
		return true
	}
	return false
}

// isUser is whether the word is the ID of a person (https://docs.slack.dev/reference/objects/user-object).
func isUser(word string) bool {
	return len(word) > 1 && (word[0] == 'U' || word[0] == 'W') && strings.ToUpper(word) == word
}

// endsMention is whether the text goes on as the mention of a person does.
func endsMention(rest string) bool {
	rest = strings.TrimLeft(rest, "\\ \t\n")
	return rest != "" && strings.IndexByte(">|)", rest[0]) >= 0
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
