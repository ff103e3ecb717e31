package bridge

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"

	"github.com/agenbridge/agenbridge/agen"
)

// SeenEvents is what of a session's timeline has been dealt with. There is no
// cursor: events change and appear out of order. So for each event that leads
// to something in the thread it holds a hash of its id and one of its status
// and payload, 16 bytes.
//
// They stand in runs, each in the order of the first hash, each more than twice
// as long as the next: what is added makes a short run and is merged into longer
// ones now and then, so that adding costs little however much has been seen.
// The newest run that knows an event counts. Runs are never changed.
type SeenEvents struct{ Runs []run }

// run is a part of Seen.
type run []byte

// Mark identifies an event, and the state it was in.
type Mark struct{ Id, State uint64 }

const MarkSize = 16

// Unseen is the state of an event that was dealt with and whose words are
// wanted once more.
const Unseen = 0

// MarkOf returns the mark of an event as it is now.
func MarkOf(e *agen.RawEvent) Mark {
	h := fnv.New64a()
	// A hash takes everything it is given.
	_, _ = h.Write([]byte(e.Status()))
	_, _ = h.Write(e.Payload())
	return Mark{Id: Hash64(e.ID()), State: h.Sum64()}
}

func Hash64(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// find returns where the event is, or belongs.
func (s run) find(id uint64) (int, bool) {
	n := len(s) / MarkSize
	i := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64(s[i*MarkSize:]) >= id })
	return i * MarkSize, i < n && binary.BigEndian.Uint64(s[i*MarkSize:]) == id
}

// State returns in which state the event was last dealt with; false when it
// never was.
func (s SeenEvents) State(id uint64) (uint64, bool) {
	for _, run := range slices.Backward(s.Runs) {
		if at, ok := run.find(id); ok {
			return binary.BigEndian.Uint64(run[at+8:]), true
		}
	}
	return 0, false
}

// With returns what has been dealt with when these events have been, too.
func (s SeenEvents) With(marks []Mark) SeenEvents {
	if len(marks) == 0 {
		return s
	}
	runs := append(slices.Clone(s.Runs), runOf(marks))
	for n := len(runs); n > 1 && len(runs[n-2]) <= 2*len(runs[n-1]); n = len(runs) {
		runs[n-2] = merged(runs[n-2], runs[n-1])
		runs = runs[:n-1]
	}
	return SeenEvents{runs}
}

func runOf(marks []Mark) run {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Id, b.Id) })
	out := make(run, 0, len(marks)*MarkSize)
	for i, m := range marks {
		if i+1 < len(marks) && marks[i+1].Id == m.Id {
			continue // the same event in a later state
		}
		out = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(out, m.Id), m.State)
	}
	return out
}

// merged is one run of two; the newer one counts.
func merged(older, newer run) run {
	out := make(run, 0, len(older)+len(newer))
	for len(newer) > 0 {
		at, ok := older.find(binary.BigEndian.Uint64(newer))
		out = append(append(out, older[:at]...), newer[:MarkSize]...)
		if older, newer = older[at:], newer[MarkSize:]; ok {
			older = older[MarkSize:]
		}
	}
	return append(out, older...)
}

// IsZero reports whether nothing has been seen.
func (s SeenEvents) IsZero() bool { return len(s.Runs) == 0 }

// MarshalJSON writes all as one run.
func (s SeenEvents) MarshalJSON() ([]byte, error) {
	var all run
	for _, r := range slices.Backward(s.Runs) {
		all = merged(r, all)
	}
	return json.Marshal([]byte(all))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *SeenEvents) UnmarshalJSON(data []byte) error {
	var all []byte
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("read what was seen: %w", err)
	}
	if len(all)%MarkSize != 0 {
		return fmt.Errorf("read what was seen: %d bytes are no marks", len(all))
	}
	if s.Runs = nil; len(all) > 0 {
		s.Runs = []run{all}
	}
	return nil
}
