package bridge

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sort"

	"github.com/agenbridge/agenbridge/agen"
)

// Seen is what of a session's timeline has been dealt with. There is no
// cursor: events change and appear out of order. So for each event that leads
// to something in the thread it holds a hash of its id and one of its status
// and payload, 16 bytes, in the order of the first.
type Seen []byte

// mark identifies an event, and the state it was in.
type mark struct{ id, state uint64 }

const markSize = 16

// unseen is the state of an event that was dealt with and whose words are
// wanted once more.
const unseen = 0

// markOf returns the mark of an event as it is now.
func markOf(e *agen.RawEvent) mark {
	h := fnv.New64a()
	// A hash takes everything it is given.
	_, _ = h.Write([]byte(e.Status()))
	_, _ = h.Write(e.Payload())
	return mark{id: hash64(e.ID()), state: h.Sum64()}
}

func hash64(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// find returns where the event is, or belongs.
func (s Seen) find(id uint64) (int, bool) {
	n := len(s) / markSize
	i := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64(s[i*markSize:]) >= id })
	return i * markSize, i < n && binary.BigEndian.Uint64(s[i*markSize:]) == id
}

// known reports whether the event was ever dealt with.
func (s Seen) known(id uint64) bool {
	_, ok := s.find(id)
	return ok
}

// has reports whether the event was dealt with in this state.
func (s Seen) has(m mark) bool {
	at, ok := s.find(m.id)
	return ok && binary.BigEndian.Uint64(s[at+8:]) == m.state
}

// with returns what has been dealt with when these events have been, too: one
// copy, however many they are.
func (s Seen) with(marks []mark) Seen {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.id, b.id) })
	out := make(Seen, 0, len(s)+len(marks)*markSize)
	for i, m := range marks {
		if i+1 < len(marks) && marks[i+1].id == m.id {
			continue // the same event in a later state
		}
		at, ok := s.find(m.id)
		out = append(out, s[:at]...)
		out = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(out, m.id), m.state)
		if s = s[at:]; ok {
			s = s[markSize:]
		}
	}
	return append(out, s...)
}
