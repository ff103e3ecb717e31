package agen

import "time"

// timeLayouts are the timestamps that ParseTime reads: RFC 3339, with a space instead of the T, and without a zone.
// time.Parse accepts a fraction of a second after each of them.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05"}

// ParseTime reads a timestamp in RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6), with or without a
// fraction of a second and a zone. Without a zone it is UTC. It returns false for anything else.
//
// The API promises RFC 3339 for sessions and only "string" for events (https://docs.agenhq.com, "Get the session
// timeline events").
func ParseTime(s string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
