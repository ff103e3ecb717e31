package bridge

import (
	"math/rand/v2"
	"testing"
)

// seenStore stores seen events the way a store does.
type seenStore struct {
	encoded []byte
	written int
	now     SeenEvents
}

func (s *seenStore) write(events SeenEvents) SeenEvents {
	encoded, replace, now := events.Unstored(s.now)
	if replace {
		s.encoded = nil
	}
	s.encoded, s.now = append(s.encoded, encoded...), now
	s.written += len(encoded)
	return now
}

func (s *seenStore) load(t *testing.T) SeenEvents {
	t.Helper()
	events, err := LoadSeenEvents(s.encoded)
	if err != nil {
		t.Fatal(err)
	}
	s.now = events
	return events
}

func checkSeen(t *testing.T, s SeenEvents, want map[uint64]uint64, ids uint64) {
	t.Helper()
	for id := range ids {
		state, ok := s.State(id)
		wanted, known := want[id]
		if ok != known || state != wanted {
			t.Fatalf("event %d is in state %d, known %t, want %d, %t", id, state, ok, wanted, known)
		}
	}
}

func TestSeenEventsAreASet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var s SeenEvents
	var store seenStore
	want := map[uint64]uint64{}
	for round := range 1000 {
		var several []SeenEvent
		for range rnd.IntN(6) {
			several = append(several, SeenEvent{ID: rnd.Uint64N(300), State: rnd.Uint64N(3)})
		}
		s = s.With(several)
		for _, e := range several {
			want[e.ID] = e.State
		}
		checkSeen(t, s, want, 300)
		switch rnd.IntN(4) {
		case 0, 1:
			s = store.write(s)
		case 2:
			store.write(s)
			s = store.load(t)
		}
		if n := len(s.runs); n > 10 {
			t.Fatalf("after %d rounds: %d runs for %d events", round, n, len(want))
		}
		if n := len(store.encoded) / SeenEventSize; n > 128+4*300 {
			t.Fatalf("after %d rounds: %d events are stored of %d", round, n, len(want))
		}
	}
}

// A set that replaces another one, as when a session moves to another thread, replaces
// what is stored, even if it is older.
func TestSeenEventsOfAnotherThreadReplaceThose(t *testing.T) {
	var here, there seenStore
	a := here.write(SeenEvents{}.With([]SeenEvent{{1, 1}, {2, 1}}))
	b := there.write(SeenEvents{}.With([]SeenEvent{{3, 1}, {4, 1}}))
	there.write(a.With([]SeenEvent{{5, 1}}))
	checkSeen(t, there.load(t), map[uint64]uint64{1: 1, 2: 1, 5: 1}, 10)
	checkSeen(t, here.load(t), map[uint64]uint64{1: 1, 2: 1}, 10)
	there.write(b)
	checkSeen(t, there.load(t), map[uint64]uint64{3: 1, 4: 1}, 10)
	there.write(SeenEvents{})
	checkSeen(t, there.load(t), nil, 10)
}

// Two sets that were derived from the same one don't share their additions.
func TestSeenEventsAreNeverChanged(t *testing.T) {
	var store seenStore
	s := store.write(SeenEvents{}.With([]SeenEvent{{1, 1}})).With([]SeenEvent{{2, 1}})
	a, b := s.With([]SeenEvent{{3, 1}}), s.With([]SeenEvent{{4, 1}})
	store.write(a)
	checkSeen(t, store.load(t), map[uint64]uint64{1: 1, 2: 1, 3: 1}, 10)
	checkSeen(t, b, map[uint64]uint64{1: 1, 2: 1, 4: 1}, 10)
}

// No matter how much has been seen, a store writes only the additions, and the whole set
// at most once more by the end.
func TestSeenEventsAreStoredAtThePriceOfTheNews(t *testing.T) {
	for _, seen := range []uint64{1000, 50_000} {
		var store seenStore
		var all []SeenEvent
		for id := range seen {
			all = append(all, SeenEvent{ID: id * 7919, State: 1})
		}
		s := store.write(SeenEvents{}.With(all))
		store.written = 0
		for read := range uint64(500) {
			var news []SeenEvent
			for i := range uint64(10) { // one of them changes repeatedly
				news = append(news, SeenEvent{ID: 1 + (read*9+i)*7919, State: 1}, SeenEvent{ID: 0, State: read})
			}
			s = store.write(s.With(news))
		}
		if limit := 500 * 20 * SeenEventSize * 2; store.written > limit {
			t.Errorf("%d events: %d bytes written by 500 reads, want at most %d", seen, store.written, limit)
		}
	}
}

func TestDamagedSeenEventsAreNotRead(t *testing.T) {
	if s, err := LoadSeenEvents(make([]byte, 24)); err == nil {
		t.Errorf("24 bytes are read as %v", s)
	}
}
