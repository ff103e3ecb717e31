package notes

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// person mentions a person who has to act.
func person(id string) string { return "<@" + id + ">" }

// name names a person without a mention.
func (r Renderer) name(id string) string {
	if r.Name == nil {
		return escape(id)
	}
	return escape(r.Name(id))
}

// clock shows an instant in the reader's own time zone
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func clock(t bridge.UnixTime) string { return linkedTime(t, "") }

// linkedTime is like clock, as a link if url isn't empty.
func linkedTime(t bridge.UnixTime, url string) string {
	if url != "" {
		url = "^" + strings.ReplaceAll(url, "&", "&amp;")
	}
	return fmt.Sprintf("<!date^%d^{time}%s|%s UTC>", t, url, t.Time().UTC().Format("15:04"))
}

// dayClock shows an instant that may be days away, with its date.
func dayClock(t bridge.UnixTime) string { return linkedClock(t, "") }

// linkedClock is like dayClock, as a link if url isn't empty.
func linkedClock(t bridge.UnixTime, url string) string {
	if url != "" {
		url = "^" + url
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}%s|%s UTC>", t, url, t.Time().UTC().Format("2006-01-02 15:04"))
}

// written returns when a message was sent.
func written(m bridge.NoteMessage) bridge.UnixTime {
	return bridge.UnixTime(bridge.TSTime(m.TS).Unix())
}

// plural returns one or many, depending on n.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// counted returns a number of messages in words.
func counted(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "message", "messages")) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape neutralizes a text that others wrote: it can't mention anybody, contain a
// link or break the line.
func escape(s string) string { return escaper.Replace(oneLine(s)) }

// bold formats words in bold, line by line, because a pair of asterisks can't span
// lines.
func bold(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, line := range lines {
		if line = escape(strings.ReplaceAll(line, "*", "∗")); line != "" {
			lines[i] = "*" + line + "*"
		}
	}
	return strings.Join(lines, "\n")
}

// maxShort is the maximum number of characters between two backticks.
const maxShort = 80

func short(s string) string {
	return cut(oneLine(s), maxShort, "…")
}

// cut limits text to so many characters, and appends more if it was longer.
func cut(text string, limit int, more string) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + more
	}
	return text
}

// code prepares text for use between two backticks.
func code(s string) string { return escape(strings.ReplaceAll(short(s), "`", "'")) }

// linked returns a link, or the label alone if the URL is unsuitable.
func linked(url, label string) string {
	if !strings.HasPrefix(url, "https://") || strings.ContainsAny(url, "|<> \n") {
		return escape(label)
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + escape(label) + ">"
}
