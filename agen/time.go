package agen

import (
	"strings"
	"time"
)

// ParseTime reads a timestamp in any usual ISO 8601 shape: extended (2026-01-02T03:04:05.6+01:00) or basic
// (20260102T030405Z), calendar, week (2026-W01-5) or ordinal (2026-002) date, alone or with a time of day of any
// precision, T or a space between, a comma or a point before the fraction. Without a zone it is UTC. It returns false
// for anything else; it never fails otherwise.
//
// The API promises RFC 3339 for sessions and only "string" for events (https://docs.agenhq.com, "Get the session
// timeline events").
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, true
	}
	date, clock, timed := s, "", false
	if i := strings.IndexAny(s, "Tt "); i >= 0 {
		date, clock, timed = s[:i], strings.TrimSpace(s[i+1:]), true
	}
	day, ok := parseDate(date)
	if !ok || !timed {
		return day, ok
	}
	zone := time.UTC
	if i := strings.IndexAny(clock, "Zz+-"); i >= 0 {
		if zone, ok = parseZone(clock[i:]); !ok {
			return time.Time{}, false
		}
		clock = strings.TrimSpace(clock[:i])
	}
	offset, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).Add(offset), true
}

// parseDate reads a calendar, week or ordinal date as midnight UTC.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "20060102", "2006-002", "2006002", "2006-01"} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return parseWeek(s)
}

// parseWeek reads YYYY-Www-D, YYYYWwwD and the same without the day, which is then Monday.
func parseWeek(s string) (time.Time, bool) {
	s = strings.ReplaceAll(s, "-", "")
	if len(s) < 7 || len(s) > 8 || s[4] != 'W' {
		return time.Time{}, false
	}
	year, ok := digits(s[:4])
	week, okWeek := digits(s[5:7])
	day := 1
	okDay := true
	if len(s) == 8 {
		day, okDay = digits(s[7:])
	}
	if !ok || !okWeek || !okDay || week < 1 || week > 53 || day < 1 || day > 7 {
		return time.Time{}, false
	}
	// January 4 is always in week 1.
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, 7*(week-1)+day-1), true
}

// parseClock reads a time of day. A fraction belongs to the last component.
func parseClock(s string) (time.Duration, bool) {
	s, fraction, fractional := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
	s, ok := withoutColons(s)
	if !ok || len(s) != 2 && len(s) != 4 && len(s) != 6 {
		return 0, false
	}
	units := []time.Duration{time.Hour, time.Minute, time.Second}
	limits := []int{24, 59, 60} // 24:00 ends a day, second 60 is a leap second
	var sum, unit time.Duration
	for i := 0; 2*i < len(s); i++ {
		n, ok := digits(s[2*i : 2*i+2])
		if !ok || n > limits[i] {
			return 0, false
		}
		unit = units[i]
		sum += time.Duration(n) * unit
	}
	if !fractional {
		return sum, true
	}
	if _, ok := digits(fraction); !ok {
		return 0, false
	}
	for _, c := range fraction {
		unit /= 10
		sum += time.Duration(c-'0') * unit
	}
	return sum, true
}

// parseZone reads Z, +hh, +hhmm or +hh:mm.
func parseZone(s string) (*time.Location, bool) {
	if s == "Z" || s == "z" {
		return time.UTC, true
	}
	n, ok := withoutColons(s[1:])
	if len(n) == 2 {
		n += "00"
	}
	if !ok || len(n) != 4 || s[0] != '+' && s[0] != '-' {
		return nil, false
	}
	hours, ok := digits(n[:2])
	minutes, okMinutes := digits(n[2:])
	if !ok || !okMinutes || hours > 23 || minutes > 59 {
		return nil, false
	}
	seconds := 3600*hours + 60*minutes
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}

// withoutColons takes the colons out of hh:mm:ss; false if they are elsewhere.
func withoutColons(s string) (string, bool) {
	if !strings.Contains(s, ":") {
		return s, true
	}
	for part := range strings.SplitSeq(s, ":") {
		if len(part) != 2 {
			return "", false
		}
	}
	return strings.ReplaceAll(s, ":", ""), true
}

// digits reads 1 to 18 ASCII digits.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}
