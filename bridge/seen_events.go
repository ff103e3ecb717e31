package bridge

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"

	"github.com/agenbridge/agenbridge/agen"
)

// SeenEvents is the set of timeline events that have been dealt with. There is
// no cursor, because events change and appear out of order: for each event that
// leads to something in the thread the set holds a hash of its id, and a hash of
// the status and payload it had. A SeenEvents is never changed; With returns a
// new one.
//
// For look-ups the events stand in runs, each sorted by id and more than twice
// as long as the next. New events form a short run, which is merged into longer
// ones now and then, so that adding stays cheap however much has been seen. The
// newest run that knows an event counts.
//
// A store doesn't write the whole set again when events are added: Unstored
// tells it what to append. See there.
type SeenEvents struct {
	runs []run
	// added are the events that the store doesn't have yet, in the order in which
	// they were added, and stored identifies those that it has.
	added  []byte
	stored *storedEvents
}

// storedEvents identifies a list of events in a store by its address. The list
// has count events; one that was seen in several states counts several times.
type storedEvents struct{ count int }

// SeenEvent is an event in the state in which it was dealt with.
type SeenEvent struct{ ID, State uint64 }

// run is a part of SeenEvents: encoded events, sorted by id.
type run []byte

// SeenEventSize is the size of an encoded SeenEvent, in bytes.
const SeenEventSize = 16

// Unseen is the state of an event that was dealt with and whose words are
// wanted once more.
const Unseen = 0

// SeenEventOf returns the event in its present state.
func SeenEventOf(e *agen.RawEvent) SeenEvent {
	h := fnv.New64a()
	// A hash takes everything it is given.
	_, _ = h.Write([]byte(e.Status()))
	_, _ = h.Write(e.Payload())
	return SeenEvent{ID: Hash64(e.ID()), State: h.Sum64()}
}

// Hash64 is the FNV-1a hash of an event's id.
func Hash64(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// LoadSeenEvents returns the set that a store has, from the events as Unstored
// returned them, one list after the other.
func LoadSeenEvents(encoded []byte) (SeenEvents, error) {
	events, err := DecodeSeenEvents(encoded)
	if err != nil || len(events) == 0 {
		return SeenEvents{}, err
	}
	return SeenEvents{runs: []run{runOf(events)}, stored: &storedEvents{len(events)}}, nil
}

// DecodeSeenEvents decodes a list of events.
func DecodeSeenEvents(encoded []byte) ([]SeenEvent, error) {
	if len(encoded)%SeenEventSize != 0 {
		return nil, fmt.Errorf("decode seen events: %d bytes are not a list of them", len(encoded))
	}
	events := make([]SeenEvent, 0, len(encoded)/SeenEventSize)
	for e := range slices.Chunk(encoded, SeenEventSize) {
		events = append(events, SeenEvent{ID: binary.BigEndian.Uint64(e), State: binary.BigEndian.Uint64(e[8:])})
	}
	return events, nil
}

// State returns the state in which the event was last dealt with; false when it
// never was.
func (s SeenEvents) State(id uint64) (uint64, bool) {
	for _, run := range slices.Backward(s.runs) {
		if at, ok := run.find(id); ok {
			return binary.BigEndian.Uint64(run[at+8:]), true
		}
	}
	return 0, false
}

// With returns the set with more events.
func (s SeenEvents) With(events []SeenEvent) SeenEvents {
	if len(events) == 0 {
		return s
	}
	runs := append(slices.Clone(s.runs), runOf(events))
	for n := len(runs); n > 1 && len(runs[n-2]) <= 2*len(runs[n-1]); n = len(runs) {
		runs[n-2] = merged(runs[n-2], runs[n-1])
		runs = runs[:n-1]
	}
	added := slices.Clip(s.added) // other sets may share it
	for _, e := range events {
		added = e.append(added)
	}
	return SeenEvents{runs: runs, added: added, stored: s.stored}
}

// Unstored tells a store that has the set stored what to write to have s
// instead. It appends the events it is given to those that it has or, if replace
// is true, writes them in their place: the set of another session or thread has
// taken the place of this one, or most of what the store has is outdated, because
// events changed again and again. From then on it has the set now.
func (s SeenEvents) Unstored(stored SeenEvents) (events []byte, replace bool, now SeenEvents) {
	if s.stored != nil && s.stored == stored.stored {
		if count := s.stored.count + len(s.added)/SeenEventSize; count <= mostStored(s.runs) {
			if len(s.added) == 0 {
				return nil, false, s
			}
			return s.added, false, SeenEvents{runs: s.runs, stored: &storedEvents{count}}
		}
	}
	all := allOf(s.runs)
	switch {
	case len(all) == 0:
		return nil, stored.stored != nil, SeenEvents{}
	default:
		return all, true, SeenEvents{runs: []run{all}, stored: &storedEvents{len(all) / SeenEventSize}}
	}
}

// mostStored is how many events a store may have for the runs: twice as many,
// so that writing all of them again costs no more than having added them.
func mostStored(runs []run) int {
	most := 128
	for _, r := range runs {
		most += 2 * len(r) / SeenEventSize
	}
	return most
}

func (e SeenEvent) append(to []byte) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(to, e.ID), e.State)
}

// runOf sorts events. The last of those with the same id counts.
func runOf(events []SeenEvent) run {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b SeenEvent) int { return cmp.Compare(a.ID, b.ID) })
	out := make(run, 0, len(events)*SeenEventSize)
	for i, e := range events {
		if i+1 < len(events) && events[i+1].ID == e.ID {
			continue // the same event in a later state
		}
		out = e.append(out)
	}
	return out
}

// allOf merges all runs into one.
func allOf(runs []run) run {
	var all run
	for _, r := range slices.Backward(runs) {
		all = merged(r, all)
	}
	return all
}

// merged is one run of two; the newer one counts.
func merged(older, newer run) run {
	out := make(run, 0, len(older)+len(newer))
	for len(newer) > 0 {
		at, ok := older.find(binary.BigEndian.Uint64(newer))
		out = append(append(out, older[:at]...), newer[:SeenEventSize]...)
		if older, newer = older[at:], newer[SeenEventSize:]; ok {
			older = older[SeenEventSize:]
		}
	}
	return append(out, older...)
}

// find returns where the event is, or belongs.
func (s run) find(id uint64) (int, bool) {
	n := len(s) / SeenEventSize
	i := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64(s[i*SeenEventSize:]) >= id })
	return i * SeenEventSize, i < n && binary.BigEndian.Uint64(s[i*SeenEventSize:]) == id
}
