package content

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// runStyle is the style of a run of text.
type runStyle struct{ bold, italic, strike, code bool }

// wrap writes the text in its style. In Markdown no style begins or ends with a space or spans several lines, so each
// line is styled by itself, inside of its leading and trailing spaces.
func (s runStyle) wrap(out *strings.Builder, text string) {
	if s == (runStyle{}) || text == "" {
		out.WriteString(text)
		return
	}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		inner := strings.TrimSpace(line)
		if inner == "" {
			out.WriteString(line)
			continue
		}
		lead := strings.Index(line, inner)
		out.WriteString(line[:lead])
		out.WriteString(s.around(inner))
		out.WriteString(line[lead+len(inner):])
	}
}

func (s runStyle) around(text string) string {
	if s.code {
		text = codeSpan(text)
	}
	if s.strike {
		text = "~~" + text + "~~"
	}
	if s.italic {
		text = "_" + text + "_"
	}
	if s.bold {
		text = "**" + text + "**"
	}
	return text
}

// codeSpan returns text as a code span, whatever backticks it holds.
func codeSpan(text string) string {
	n := longestRun(text, '`')
	if n == 0 {
		return "`" + text + "`"
	}
	ticks := strings.Repeat("`", n+1)
	return ticks + " " + text + " " + ticks
}

// Fence returns text as a block of code that nothing in it can end.
func Fence(text, language string) string {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	return fence + slackjson.Code(language) + "\n" + strings.Trim(text, "\n") + "\n" + fence
}

func longestRun(text string, c byte) int {
	longest, n := 0, 0
	for i := range len(text) {
		if text[i] != c {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	return longest
}

// Quote returns text with every line quoted.
func Quote(text string) string {
	text = strings.Trim(text, "\n")
	return "> " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n> "), "\n> \n", "\n>\n")
}

// Link returns a link with a label, or the address alone if the label says no more.
func Link(url, label string) string {
	url = URL(url)
	label = strings.TrimSpace(strings.Map(oneLine, label))
	if label == "" || label == url || label == strings.TrimPrefix(url, "mailto:") || "http://"+label == url {
		return url
	}
	if url == "" {
		return label
	}
	if strings.ContainsAny(url, "()<>") {
		url = "<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(url) + ">"
	}
	return "[" + strings.NewReplacer("[", "\\[", "]", "\\]").Replace(label) + "](" + url + ")"
}

// URL removes spaces and control characters from an address.
func URL(address string) string { return strings.Map(oneWord, address) }

func oneWord(r rune) rune {
	if unicode.IsSpace(r) || unicode.IsControl(r) {
		return -1
	}
	return r
}

func oneLine(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r): // invisible, or reverses the direction of the text
		return -1
	}
	return r
}

// maxName limits names, in characters.
const maxName = 80

// CleanName makes a name harmless: one line of limited length, without markup and invisible characters. Its owner may
// have typed anything, and it appears beside words that the agent trusts.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("*`~<>[]()|\\#\":", r) {
			return -1
		}
		return oneLine(r)
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName-1]) + "…"
	}
	return strings.Trim(name, "_ ")
}

// unixDate formats seconds since 1970 for people.
func unixDate(seconds string) string {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 0 || n > 1<<38 {
		return seconds
	}
	return time.Unix(n, 0).UTC().Format("2006-01-02 15:04 UTC")
}

// Date returns when the message with a ts was written, for people.
func Date(ts string) string {
	sec, _, _ := strings.Cut(ts, ".")
	return unixDate(sec)
}
