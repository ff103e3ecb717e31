package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// sees is a decision that adds count events to the seen events of the thread.
func sees(first, count int) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		var events []bridge.SeenEvent
		for id := first; id < first+count; id++ {
			// Ids are hashes, so they come in random order.
			events = append(events, bridge.SeenEvent{ID: uint64(id) * 0x9E3779B97F4A7C15, State: 7})
		}
		if state.Thread.Unbound() {
			state.Thread.Started = at.Now
		}
		state.Thread.Seen = state.Thread.Seen.With(events)
		state.Thread.Touch()
		return nil
	}
}

// checkSees checks that the thread has seen the events 0 to count-1.
func checkSees(t *testing.T, s *Store, thread bridge.ThreadKey, count int) {
	t.Helper()
	events := rowsOf(t, s, thread).Thread.Seen
	for id := range count + 10 {
		if _, ok := events.State(uint64(id) * 0x9E3779B97F4A7C15); ok != (id < count) {
			t.Fatalf("event %d of thread %s: known %t, want %t", id, thread, ok, id < count)
		}
	}
}

// seenInFile returns the sizes of the thread's rows of seen events.
func seenInFile(t *testing.T, s *Store, thread bridge.ThreadKey) (sizes []int) {
	t.Helper()
	err := s.view(func(tx *bbolt.Tx) error {
		prefix := append([]byte(thread), 0)
		c := tx.Bucket(bucketSeen).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			sizes = append(sizes, len(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}

func TestSeenEventsFillRows(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue})
	for n := 0; n < 1000; n += 50 {
		decide(t, s, "T/C/1", sees(n, 50))
		if n%150 == 0 { // from the disk as well
			if err := s.beat(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkSees(t, s, "T/C/1", 1000)
	sizes := seenInFile(t, s, "T/C/1")
	full := 1 + seenPerRow*bridge.SeenEventSize
	for i, size := range sizes {
		if i < len(sizes)-1 && size != full || size > full {
			t.Errorf("row %d has %d bytes, want %d", i, size, full)
		}
	}
	if want := (1000 + seenPerRow - 1) / seenPerRow; len(sizes) != want {
		t.Errorf("got %d rows, want %d", len(sizes), want)
	}
	decide(t, s, "T/C/1", func(state *bridge.ThreadState, _ bridge.Instant) error {
		state.Thread = bridge.Thread{Rev: state.Thread.Rev + 1}
		return nil
	})
	if sizes := seenInFile(t, s, "T/C/1"); len(sizes) != 0 {
		t.Errorf("%d rows are left of a thread that is gone", len(sizes))
	}
}

// oldRecord writes a thread's record in the form of releases that had no rows of seen
// events.
func oldRecord(t *testing.T, s *Store, thread bridge.ThreadKey, count int) {
	t.Helper()
	var events []byte
	for id := range count {
		events = binary.BigEndian.AppendUint64(events, uint64(id)*0x9E3779B97F4A7C15)
		events = binary.BigEndian.AppendUint64(events, 7)
	}
	record, err := json.Marshal(map[string]any{
		"rev": 3, "started": "2026-01-01T12:00:00Z", "session": map[string]any{"id": "s1"}, "seen": events, "touched": "2026-01-01T12:00:00Z",
	})
	if err != nil {
		t.Fatal(err)
	}
	prefix, err := prefixOf(thread)
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketLive).Put(keyOf(prefix, suffix(kindThread, "")), append([]byte{recordVersion, 1}, record...))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The seen events that an earlier release stored in the record are read. They are moved
// into their own rows when the record is next written.
func TestSeenEventsOfAnEarlierRelease(t *testing.T) {
	cfg := Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue}
	s := open(t, cfg)
	oldRecord(t, s, "T/C/1", 300)
	checkSees(t, s, "T/C/1", 300)
	decide(t, s, "T/C/1", nothing)
	if sizes := seenInFile(t, s, "T/C/1"); len(sizes) != 0 {
		t.Errorf("got %d rows of a record that was only read", len(sizes))
	}
	decide(t, s, "T/C/1", sees(300, 1))
	if sizes := seenInFile(t, s, "T/C/1"); len(sizes) != 3 {
		t.Errorf("got %d rows after a change, want 3", len(sizes))
	}
	crash(t, cfg.Path, s)
	s = open(t, cfg)
	checkSees(t, s, "T/C/1", 301)
	if state := rowsOf(t, s, "T/C/1"); state.Thread.Session.ID != "s1" {
		t.Errorf("session: got %q, want s1", state.Thread.Session.ID)
	}
	// That release may have written the record again since.
	oldRecord(t, s, "T/C/1", 305)
	checkSees(t, s, "T/C/1", 305)
}

// No matter how much a thread has seen, a read with few news writes little: the last row
// and the new events.
func TestSeenEventsCostWhatTheNewsDo(t *testing.T) {
	s := open(t, Config{Path: pathIn(t.TempDir()), NoSync: true, Due: noneDue})
	for i, seen := range []int{1000, 50_000} {
		thread := bridge.ThreadKey(fmt.Sprint("T/C/", i))
		decide(t, s, thread, sees(0, seen))
		for read := range 100 {
			l := s.memory.takeCached(thread)
			if l == nil {
				t.Fatal("the thread is not in memory")
			}
			size := 0
			if err := sees(seen+10*read, 10)(l.rows, bridge.Instant{}); err != nil {
				t.Fatal(err)
			}
			for _, c := range l.seenChanges() {
				size += len(c.key) + len(c.value)
			}
			if limit := 2*seenPerRow*bridge.SeenEventSize + 200; size > limit {
				t.Fatalf("read %d of ten events where %d were seen writes %d bytes, want at most %d", read, seen, size, limit)
			}
			decide(t, s, thread, sees(seen+10*read, 10))
		}
	}
}
