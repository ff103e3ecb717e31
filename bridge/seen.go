package bridge

import (
	"encoding/binary"
	"hash/fnv"
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

// with returns what has been dealt with when the event has been, too.
func (s Seen) with(m mark) Seen {
	var entry [markSize]byte
	binary.BigEndian.PutUint64(entry[:], m.id)
	binary.BigEndian.PutUint64(entry[8:], m.state)
	at, ok := s.find(m.id)
	out := make(Seen, 0, len(s)+markSize)
	out = append(append(out, s[:at]...), entry[:]...)
	if ok {
		at += markSize
	}
	return append(out, s[at:]...)
}
