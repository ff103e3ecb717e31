package store

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestRecordIsSmall(t *testing.T) {
	state := bridge.NewThreadState("T0123456789/C0123456789/1767225600.000100")
	at := bridge.Instant{Now: time.Date(2026, 1, 1, 12, 0, 0, 123456789, time.UTC)}
	if err := errors.Join(fresh("1767225600.000100")(state, at), settled("1767225600.000100")(state, at)); err != nil {
		t.Fatal(err)
	}
	b, err := seal(7, state.Messages["1767225600.000100"])
	if err != nil || len(b) > 400 {
		t.Errorf("a message at rest: got %d bytes, %v, want at most 400:\n%s", len(b), err, b)
	}
}

func TestDueRecords(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 1, time.UTC)
	for _, d := range []dues{
		{},
		{{owed: true}, {}},
		{{at: now, owed: true}, {owed: true}},
		{{}, {at: now.Add(200 * 365 * 24 * time.Hour), owed: true}},
		{{owed: true, undelivered: undelivered{3, now}}, {at: now, owed: true}},
		{{}, {owed: true, undelivered: undelivered{1, now}}},
	} {
		if got, err := decodeDues(d.encode()); err != nil || got != d {
			t.Errorf("due record: got %v, %v, want %v", got, err, d)
		}
	}
	for _, b := range [][]byte{nil, make([]byte, 15), make([]byte, 17), make([]byte, 39), make([]byte, 41)} {
		if _, err := decodeDues(b); !errors.Is(err, ErrUnreadable) {
			t.Errorf("due record of %d bytes: got error %v, want ErrUnreadable", len(b), err)
		}
	}
}

// TestAThreadUnderAClockThatWasAhead: what has a limited duration doesn't last longer
// because the clock was ahead when it began, and a streak of 404s doesn't become shorter
// because the clock is ahead now.
func TestAThreadUnderAClockThatWasAhead(t *testing.T) {
	opened := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	ahead := opened.Add(3 * time.Hour)
	thread := bridge.Thread{
		Started: ahead, Outage: &bridge.Outage{From: ahead}, QuestionReaction: bridge.Reaction{PassStarted: ahead},
		Session: bridge.Session{OpenedAt: ahead, LastNews: ahead, NotFoundStreak: bridge.NotFoundStreak{Since: ahead}},
	}
	b, err := seal(3, threadRecord{Thread: thread, Touched: ahead})
	if err != nil {
		t.Fatal(err)
	}
	got, err := clockGuard{boot: 4, opened: opened}.thread(b)
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{
		"touched": got.Touched, "started": got.Started, "outage": got.Outage.From, "sign": got.QuestionReaction.PassStarted,
		"session": got.Session.OpenedAt, "news": got.Session.LastNews, "doubt": got.Session.NotFoundStreak.Since,
	} {
		if !at.Equal(opened) {
			t.Errorf("%s: got %v, want %v", name, at, opened)
		}
	}
	thread.Session.NotFoundStreak.Since = opened.Add(-time.Hour)
	if b, err = seal(3, threadRecord{Thread: thread, Touched: ahead}); err != nil {
		t.Fatal(err)
	}
	if got, err = (clockGuard{boot: 4, opened: opened}).thread(b); err != nil || !got.Session.NotFoundStreak.Since.Equal(opened) {
		t.Errorf("a doubt of an earlier opening: got %v, %v, want %v", got.Session.NotFoundStreak.Since, err, opened)
	}
	if same, err := (clockGuard{boot: 3, opened: opened}).thread(b); err != nil || !same.Started.Equal(ahead) {
		t.Errorf("a record of this opening: got %v, %v, want %v", same.Started, err, ahead)
	}
}

// FuzzRecord: whatever bytes are in the file, decoding them returns a row or
// ErrUnreadable. The seeds are valid records.
func FuzzRecord(f *testing.F) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	state, at := bridge.NewThreadState("T/C/1.0"), bridge.Instant{Now: now, Opening: 3}
	if err := fresh("1.0")(state, at); err != nil {
		f.Fatal(err)
	}
	post := &bridge.PostRecord{Post: bridge.Post{Key: "note", Text: "a < b", Buttons: []bridge.Button{{Action: bridge.ActionRetry}}}}
	for _, v := range []any{state.Messages["1.0"], post, threadRecord{Thread: state.Thread, Touched: now}, nil, 7} {
		b, err := seal(at.Opening, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(nil))
	f.Add([]byte{recordVersion})
	f.Add([]byte{recordVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	if seeds, err := os.ReadDir("testdata/fuzz/FuzzRecord"); err != nil || len(seeds) == 0 {
		f.Fatalf("seeds: got %d, %v, want those that are kept in testdata", len(seeds), err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h := clockGuard{boot: 9, opened: now}
		m, _, err := h.message(b)
		sound(t, m, err)
		if err == nil {
			_, _, limit := m.ID(), m.Resting(), now.Add(maxAhead)
			if boot, err := unseal(b, &bridge.MessageRecord{}); err == nil && boot < h.boot && (m.Due.After(limit) || m.Reaction.Due.After(limit)) {
				t.Errorf("message: got %+v, want nothing due after %v", m, limit)
			}
		}
		p, _, err := h.post(b)
		sound(t, p, err)
		th, err := decodeThread(b)
		sound(t, &th, err)
		if d, err := decodeDues(b); err == nil && string(d.encode()) != string(b) {
			// Times before 1970 or after 2262 are written as the nearest time in between.
			if again, err := decodeDues(d.encode()); err != nil || again != d {
				t.Errorf("due record: got %v, %v, want %v", again, err, d)
			}
		}
	})
}

// sound checks that decoding returns a row or ErrUnreadable, and that a row can be
// written again.
func sound[R any](t *testing.T, row *R, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, ErrUnreadable) {
			t.Errorf("got error %v, want ErrUnreadable", err)
		}
		return
	}
	if _, err := seal(1, row); err != nil {
		t.Errorf("write a row that was read: %v", err)
	}
}
