package notes

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// person mentions somebody, who must act.
func person(id string) string { return "<@" + id + ">" }

// name names somebody without a mention.
func (r Renderer) name(id string) string {
	if r.Name == nil {
		return escape(id)
	}
	return escape(r.Name(id))
}

// clock shows an instant in the reader's own time zone
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func clock(t bridge.UnixTime) string { return linkedTime(t, "") }

// linkedTime shows the same as a link, where there is a URL.
func linkedTime(t bridge.UnixTime, url string) string {
	if url != "" {
		url = "^" + strings.ReplaceAll(url, "&", "&amp;")
	}
	return fmt.Sprintf("<!date^%d^{time}%s|%s UTC>", t, url, t.Time().UTC().Format("15:04"))
}

// dayClock shows an instant that may be days away.
func dayClock(t bridge.UnixTime) string { return linkedClock(t, "") }

// linkedClock is the same as a link, where there is a URL.
func linkedClock(t bridge.UnixTime, url string) string {
	if url != "" {
		url = "^" + url
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}%s|%s UTC>", t, url, t.Time().UTC().Format("2006-01-02 15:04"))
}

// written is when a message was written.
func written(m bridge.NoteMessage) bridge.UnixTime {
	return bridge.UnixTime(bridge.TSTime(m.TS).Unix())
}

// plural chooses by number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// counted is a number of messages in words that fit behind it.
func counted(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "message", "messages")) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape makes somebody else's words harmless: no mention, no link, no line of
// their own.
func escape(s string) string { return escaper.Replace(oneLine(s)) }

// bold sets words in bold, line by line: a pair of stars does not reach over a
// line's end.
func bold(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		if line = escape(strings.ReplaceAll(line, "*", "∗")); line != "" {
			lines[i] = "*" + line + "*"
		}
	}
	return strings.Join(lines, "\n")
}

// maxShort bounds what stands between two backticks.
const maxShort = 80

func short(s string) string {
	return cut(oneLine(s), maxShort, "…")
}

// cut shortens text to so many characters, and says so.
func cut(text string, limit int, more string) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + more
	}
	return text
}

// code makes text fit between two backticks.
func code(s string) string { return escape(strings.ReplaceAll(short(s), "`", "'")) }

// linked is a link where the URL can be one.
func linked(url, label string) string {
	if !strings.HasPrefix(url, "https://") || strings.ContainsAny(url, "|<> \n") {
		return escape(label)
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + escape(label) + ">"
}
