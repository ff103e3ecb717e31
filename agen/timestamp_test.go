package agen_test

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

func TestParseTime(t *testing.T) {
	zone := time.FixedZone("", 3600)
	at := func(h, m, s, ns int, l *time.Location) time.Time { return time.Date(2026, 1, 2, h, m, s, ns, l) }
	for in, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":             at(3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.678901234Z":   at(3, 4, 5, 678901234, time.UTC),
		"2026-01-02T03:04:05,5Z":           at(3, 4, 5, 500000000, time.UTC),
		"2026-01-02T03:04:05+01:00":        at(3, 4, 5, 0, zone),
		"2026-01-02T03:04:05.678901+01:00": at(3, 4, 5, 678901000, zone),
		"2026-01-02T03:04:05-00:30":        at(3, 34, 5, 0, time.UTC),
		"2026-01-02T03:04:05.1234567890Z":  at(3, 4, 5, 123456789, time.UTC),
		"2026-01-02T03:04:05":              at(3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05.5":            at(3, 4, 5, 500000000, time.UTC),
		"2026-01-02 03:04:05":              at(3, 4, 5, 0, time.UTC),
		"2026-01-02 03:04:05.5+01:00":      at(3, 4, 5, 500000000, zone),
	} {
		if got, ok := agen.ParseTime(in); !ok || !got.Equal(want) {
			t.Errorf("%q: got %v, %t; want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "now", "1767225600", "2026", "2026-13-01", "2026-02-30", "2026-01-02T", "2026-01-02T25:00", "2026-01-02T03:60",
		"2026-01-02T03:04:05+25:00", "2026-01-02T03:04:05+1:2:3:4", "T03:04", "2026-01-02T03:04:05.", "2026-01-02T03:04:05.x",
		"Mon Jan 2", "2026-01-02T03:04:05+-100", "2026-01-02T03:04:05z0", "2026-W54-1",
		// ISO 8601, but not RFC 3339.
		"2026-W01-5", "2026W015T030405Z", "2026-002", "2026002T03Z", "20260102T030405Z", "20260102", "2026-01-02",
		"2026-01-02T24:00", "2026-01-02T03.5", "2026-01-02T03:04:05+0100",
	} {
		if got, ok := agen.ParseTime(in); ok {
			t.Errorf("%q: got %v, want none", in, got)
		}
	}
}
