package slacktest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	markupEntity = regexp.MustCompile(`<([^<>\n]+)>`)
	emojiCodes   = regexp.MustCompile(`:[a-z0-9_+-]+:`)
	dateTokens   = regexp.MustCompile(`\{[a-z_]+\}`)
)

// markup renders Slack markup as people see it: names instead of ids, labels instead of links, dates in words. Emphasis
// keeps its markers.
func (r *renderer) markup(text string) string {
	text = markupEntity.ReplaceAllStringFunc(text, func(token string) string {
		return r.entity(token[1 : len(token)-1])
	})
	return unescape(emojiCodes.ReplaceAllStringFunc(text, emojiOf))
}

func (r *renderer) entity(body string) string {
	id, label, _ := strings.Cut(body, "|")
	switch {
	case strings.HasPrefix(id, "@"):
		return "@" + r.name(id[1:])
	case strings.HasPrefix(id, "#"):
		return "#" + r.channel(id[1:])
	case strings.HasPrefix(id, "!subteam^"):
		return "@" + r.group(strings.TrimPrefix(id, "!subteam^"))
	case strings.HasPrefix(id, "!date^"):
		return r.date(strings.TrimPrefix(id, "!date^"), label)
	case strings.HasPrefix(id, "!"):
		return "@" + id[1:]
	case label != "":
		return label
	}
	return id
}

// date renders <!date^seconds^format^link|fallback> in the configured zone
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
func (r *renderer) date(spec, fallback string) string {
	stamp, format, _ := strings.Cut(spec, "^")
	format, _, _ = strings.Cut(format, "^")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || format == "" {
		return fallback
	}
	t := time.Unix(seconds, 0).In(r.s.cfg.Location)
	return dateTokens.ReplaceAllStringFunc(format, func(token string) string {
		return dateToken(token, t, time.Now().In(r.s.cfg.Location))
	})
}

func dateToken(token string, t, now time.Time) string {
	day := func(layout string) string {
		return strings.Replace(t.Format(layout), "%", strconv.Itoa(t.Day())+ordinal(t.Day()), 1)
	}
	pretty := func(otherwise string) string {
		midnight := func(x time.Time) time.Time {
			return time.Date(x.Year(), x.Month(), x.Day(), 0, 0, 0, 0, time.UTC)
		}
		switch int(midnight(t).Sub(midnight(now)) / (24 * time.Hour)) {
		case 0:
			return "today"
		case -1:
			return "yesterday"
		case 1:
			return "tomorrow"
		}
		return otherwise
	}
	const long, short, full = "January %, 2006", "Jan 2, 2006", "Monday, January %, 2006"
	switch token {
	case "{date_num}":
		return t.Format("2006-01-02")
	case "{date}":
		return day(long)
	case "{date_short}":
		return t.Format(short)
	case "{date_long}":
		return day(full)
	case "{date_pretty}":
		return pretty(day(long))
	case "{date_short_pretty}":
		return pretty(t.Format(short))
	case "{date_long_pretty}":
		return pretty(day(full))
	case "{time}":
		return t.Format("15:04")
	case "{time_secs}":
		return t.Format("15:04:05")
	case "{ago}":
		return fmt.Sprintf("%v ago", now.Sub(t).Truncate(time.Minute))
	}
	return token
}

func ordinal(n int) string {
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			return "st"
		case 2:
			return "nd"
		case 3:
			return "rd"
		}
	}
	return "th"
}

// name is what people see of a user: the display name, else the real name, on one line.
func (r *renderer) name(id string) string {
	id, _, _ = strings.Cut(id, "|")
	u := r.s.world.users[id]
	if u == nil {
		return id
	}
	name := u.DisplayName
	if strings.TrimSpace(name) == "" {
		name = u.RealName
	}
	return strings.Join(strings.Fields(name), " ")
}

func (r *renderer) group(id string) string {
	if g := r.s.world.groups[id]; g != nil {
		return g.Handle
	}
	return id
}

func (r *renderer) channel(id string) string {
	if ch := r.s.world.channels[id]; ch != nil {
		return ch.Name
	}
	return id
}

// emoji are the emoji a bot is likely to use; others are shown by name.
var emoji = map[string]string{
	"eyes": "👀", "white_check_mark": "✅", "hourglass_flowing_sand": "⏳", "hourglass": "⌛", "black_square_for_stop": "⏹️",
	"electric_plug": "🔌", "warning": "⚠️", "raising_hand": "🙋", "twisted_rightwards_arrows": "🔀", "x": "❌", "+1": "👍",
	"-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "tada": "🎉", "rocket": "🚀", "heart": "❤️", "wave": "👋", "memo": "📝",
	"no_entry": "⛔", "no_entry_sign": "🚫", "robot_face": "🤖", "bulb": "💡", "mag": "🔍", "link": "🔗", "fire": "🔥",
	"heavy_check_mark": "✔️", "question": "❓", "exclamation": "❗", "information_source": "ℹ️", "lock": "🔒", "bug": "🐛",
	"speech_balloon": "💬", "thread": "🧵", "paperclip": "📎", "package": "📦", "zap": "⚡", "pray": "🙏", "smile": "😄",
}

// Emoji is the emoji with that name, with or without colons; one that the server doesn't know stays a name in colons.
func Emoji(name string) string { return emojiOf(name) }

// emojiOf is the emoji with that name, with or without colons.
func emojiOf(name string) string {
	bare := strings.Trim(name, ":")
	if sign, ok := emoji[bare]; ok {
		return sign
	}
	return ":" + bare + ":"
}
