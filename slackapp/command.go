package slackapp

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// sessionID matches what has the form of a session's id.
var sessionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`)

// maxOptionsText limits the length of the options, in bytes.
const maxOptionsText = 500

// parseOptions parses the options that a text begins with, as in [branch=main model="fast one"]. Brackets without an
// equals sign are ordinary text: people write [WIP].
func parseOptions(text string) []bridge.Option {
	inner, _, found := cutOptions(unlinked(text))
	if !found || len(inner) > maxOptionsText || !strings.Contains(inner, "=") || strings.Contains(inner, "\n") {
		return nil
	}
	var options []bridge.Option
	for inner != "" {
		field := inner[:fieldEnd(inner, isListSeparator)]
		inner = strings.TrimLeftFunc(inner[len(field):], isListSeparator)
		if name, value, _ := strings.Cut(field, "="); field != "" {
			options = append(options, bridge.Option{Name: name, Value: unquoted(value)})
		}
	}
	return options
}

// cutOptions cuts a text that begins with brackets into what stands in them and the rest.
func cutOptions(text string) (inner, rest string, found bool) {
	text, found = strings.CutPrefix(strings.TrimLeftFunc(text, isSeparator), "[")
	end := fieldEnd(text, func(r rune) bool { return r == ']' })
	if !found || end == len(text) {
		return "", "", false
	}
	return strings.TrimFunc(text[:end], isListSeparator), text[end+1:], true
}

// fieldEnd returns where the first character that ends a field stands outside of quotes.
func fieldEnd(text string, ends func(rune) bool) int {
	before, quote := rune(0), ""
	for i, r := range text {
		switch {
		case quote != "":
			if strings.ContainsRune(quote, r) {
				quote = ""
			}
		case before == '=' && quotes[r] != "" && strings.ContainsAny(text[i+utf8.RuneLen(r):], quotes[r]):
			quote = quotes[r]
		case ends(r):
			return i
		}
		before = r
	}
	return len(text)
}

// quotes are the marks that may end a value by the one that begins it. Clients turn straight quotes into curly ones, in
// the manner of the person's language.
var quotes = map[rune]string{'"': "\"", '\'': "'", '“': "”“", '„': "“”", '”': "”", '‘': "’‘", '‚': "‘’", '’': "’", '«': "»", '»': "«"}

// unquoted returns a value without the quotes around it.
func unquoted(value string) string {
	first, size := utf8.DecodeRuneInString(value)
	last, end := utf8.DecodeLastRuneInString(value)
	if len(value) >= size+end && strings.ContainsRune(quotes[first], last) {
		return value[size : len(value)-end]
	}
	return value
}

// isSeparator reports whether r separates a mention, a command and options from each other.
func isSeparator(r rune) bool { return isListSeparator(r) || r == ':' }

// isListSeparator reports whether r separates options.
func isListSeparator(r rune) bool { return content.IsBlank(r) || r == ',' }

// unlinked returns mrkdwn as it was typed: Slack turns what looks like a host into a link.
func unlinked(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		out.WriteString(before)
		if !found {
			return html.UnescapeString(out.String())
		}
		link, after, _ := strings.Cut(rest, ">")
		url, label, labeled := strings.Cut(link, "|")
		if !labeled {
			label = url
		}
		out.WriteString(label)
		text = after
	}
}

// trimOptions returns a composed text without the options at its beginning.
func trimOptions(text string) string {
	_, rest, found := cutOptions(text)
	if !found {
		return text
	}
	return content.TrimBlank(rest)
}

// asideAddressee returns whom a message is addressed to if it isn't the bot, and otherwise an empty string. With the aside
// mark people say so. In a channel, a message that begins with the mention of a person or a group, and does not mention
// the bot, is for them.
func asideAddressee(text string, mentioned, direct bool) string {
	text = content.TrimBlank(text)
	if isAside(text) {
		return bridge.AsideMark
	}
	if mentioned || direct || !strings.HasPrefix(text, "<@") && !strings.HasPrefix(text, "<!subteam^") {
		return ""
	}
	name, _, _ := strings.Cut(text[1:], ">")
	name, _, _ = strings.Cut(name, "|")
	if !validID(strings.TrimPrefix(strings.TrimPrefix(name, "@"), "!subteam^")) {
		return bridge.AsideMark
	}
	return "<" + name + ">"
}

// isAside reports whether a text begins with the aside mark as a word.
func isAside(text string) bool {
	rest, ok := strings.CutPrefix(content.TrimBlank(text), bridge.AsideMark)
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || next == ':' || content.IsBlank(next))
}
