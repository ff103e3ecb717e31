package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A ts is Slack's timestamp of a message, and its identity in the channel: seconds
// and microseconds, such as 1700000100.000001
// (https://docs.slack.dev/messaging/retrieving-messages).

// ValidTS reports whether s has the form of a ts.
func ValidTS(s string) bool {
	sec, frac, ok := strings.Cut(s, ".")
	if !ok || len(sec) < 1 || len(sec) > 12 || len(frac) != 6 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// TSBefore reports whether a is the earlier ts. Both will have the same number of
// digits for centuries.
func TSBefore(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// FormatTS returns an instant as a ts.
func FormatTS(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// TSTime returns the instant of a ts; the zero time if it isn't one.
func TSTime(ts string) time.Time {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return time.Time{}
	}
	us, _ := strconv.ParseInt((frac + "000000")[:6], 10, 64) // without them it is early by less than a second
	return time.Unix(s, us*1000)
}

// IsMessageID reports whether an id has the form of a MessageRecord.ID: a ts, or
// two for a correction.
func IsMessageID(id string) bool {
	ts, edited, correction := strings.Cut(id, ":")
	return ValidTS(ts) && (!correction || ValidTS(edited))
}
