package content

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// codeSpan returns text as a code span, whatever backticks and spaces it holds. A parser removes one space at each end if
// there is one at both (https://spec.commonmark.org/0.31.2/#code-spans).
func codeSpan(text string) string {
	ticks := strings.Repeat("`", longestRun(text, '`')+1)
	spaced := strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") && strings.TrimSpace(text) != ""
	if len(ticks) > 1 || spaced {
		return ticks + " " + text + " " + ticks
	}
	return ticks + text + ticks
}

// Fence returns text as a block of code that nothing in it can end. Its blank lines are kept.
func Fence(text, language string) string {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return fence + slackjson.Code(language) + "\n" + text + fence
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

// Tidy removes blank lines at the ends of a text.
func Tidy(text string) string { return strings.Trim(text, "\n") }

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

// unshown names what is unknown here, so that the agent knows that something is missing.
func unshown(kind string) string {
	return "[a block of type " + cmp.Or(slackjson.Code(kind), "unknown") + " that can't be shown here]"
}
