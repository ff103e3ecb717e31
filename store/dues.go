package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// remotes defines the index of each remote in due records and in memory.
var remotes = [...]bridge.Remote{bridge.ToAgen, bridge.ToSlack}

func indexOf(remote bridge.Remote) (int, error) {
	for i, r := range remotes {
		if r == remote {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown remote %q", remote)
}

// dues are the due times of a thread's lanes, in the order of remotes.
type dues [len(remotes)]due

// due is when a lane has its next step, if it has one, and what is undelivered.
type due struct {
	at          time.Time
	owed        bool
	undelivered undelivered
}

// undelivered counts the messages or posts of a lane that are ready or in flight.
type undelivered struct {
	count  int
	oldest time.Time // when the oldest of them was accepted
}

// The size of a due record. It has eight bytes per remote: 0 if nothing is owed, 1 if it
// is due at once (the zero time), or nanoseconds since 1970. If anything is undelivered,
// twelve more bytes per remote follow: four for the number, and eight for the time at
// which the oldest was accepted.
const (
	dueSize         = 8 * len(remotes)
	undeliveredSize = 12 * len(remotes)
)

func (d dues) none() bool { return !d[0].owed && !d[1].owed }

func (d dues) encode() []byte {
	b := make([]byte, 0, dueSize)
	for _, l := range d {
		b = binary.BigEndian.AppendUint64(b, l.nanos())
	}
	if d[0].undelivered.count == 0 && d[1].undelivered.count == 0 {
		return b
	}
	for _, l := range d {
		b = binary.BigEndian.AppendUint32(b, uint32(min(l.undelivered.count, math.MaxInt32)))
		b = binary.BigEndian.AppendUint64(b, uint64(max(l.undelivered.oldest.UnixNano(), 0)))
	}
	return b
}

func (l due) nanos() uint64 {
	switch {
	case !l.owed:
		return 0
	case l.at.Before(time.Unix(0, 2)):
		return 1
	case l.at.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	default:
		return uint64(l.at.UnixNano())
	}
}

func decodeDues(b []byte) (dues, error) {
	var d dues
	if len(b) != dueSize && len(b) != dueSize+undeliveredSize {
		return d, fmt.Errorf("due record of %d bytes: %w", len(b), ErrUnreadable)
	}
	for i := range d {
		switch n := binary.BigEndian.Uint64(b[8*i:]); n {
		case 0:
		case 1:
			d[i] = due{owed: true}
		default:
			d[i] = due{at: time.Unix(0, int64(min(n, math.MaxInt64))).UTC(), owed: true}
		}
	}
	for i := range d {
		if len(b) == dueSize || !d[i].owed {
			continue
		}
		rest := b[dueSize+12*i:]
		if n := binary.BigEndian.Uint32(rest); n > 0 {
			at := min(binary.BigEndian.Uint64(rest[4:]), math.MaxInt64)
			d[i].undelivered = undelivered{int(min(n, math.MaxInt32)), time.Unix(0, int64(at)).UTC()}
		}
	}
	return d, nil
}

// atOnce are the dues of a thread that can't be read. The next claim then finds out what
// is wrong with it.
var atOnce = dues{{owed: true}, {owed: true}}

// writeDues updates the index of due lanes. It writes nothing if nothing changed.
func writeDues(tx *bbolt.Tx, thread bridge.ThreadKey, d dues) error {
	b, key, value := tx.Bucket(bucketDue), []byte(thread), d.encode()
	old := b.Get(key)
	switch {
	case d.none() && old == nil, string(old) == string(value):
		return nil
	case d.none():
		return b.Delete(key)
	default:
		return b.Put(key, value)
	}
}
