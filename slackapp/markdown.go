package slackapp

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// runStyle is how a run of text is set.
type runStyle struct{ bold, italic, strike, code bool }

// wrap writes the text in its style. Markdown knows no style that begins or ends with a blank or goes over several
// lines, so each line is set by itself, within its blanks.
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

// codeSpan sets text as code, whatever backticks it holds.
func codeSpan(text string) string {
	n := longestRun(text, '`')
	if n == 0 {
		return "`" + text + "`"
	}
	ticks := strings.Repeat("`", n+1)
	return ticks + " " + text + " " + ticks
}

// fenced sets text as a block of code that nothing in it can end.
func fenced(text, language string) string {
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

// quoted sets every line of text as quoted.
func quoted(text string) string {
	text = strings.Trim(text, "\n")
	return "> " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n> "), "\n> \n", "\n>\n")
}

// link is a link with its words, or the address alone where they say no more.
func link(url, label string) string {
	url = strings.Map(oneWord, url)
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
	case unicode.Is(unicode.Cf, r): // turns the direction of writing, or hides
		return -1
	}
	return r
}

// maxName bounds names in characters.
const maxName = 80

// cleanName makes a name harmless: one line, bounded, no markup, nothing that hides. A name is what its owner typed
// and stands beside words that the agent trusts.
func cleanName(name string) string {
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

// unixDate is seconds since 1970 as people read them.
func unixDate(seconds string) string {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 0 || n > 1<<38 {
		return seconds
	}
	return time.Unix(n, 0).UTC().Format("2006-01-02 15:04 UTC")
}

// tsDate is when a message was written.
func tsDate(ts string) string {
	sec, _, _ := strings.Cut(ts, ".")
	return unixDate(sec)
}
