package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// The buckets. The package comment tells what is in them.
var (
	bucketMeta = []byte("meta")
	bucketLive = []byte("live")
	bucketRest = []byte("rest")
	bucketDue  = []byte("due")
	bucketSeen = []byte("seen")
)

// A kind says what a record is; it stands between the thread and the id in a
// row's key. The thread's own record comes first.
type kind byte

const (
	kindThread  kind = 'T'
	kindMessage kind = 'm'
	kindPost    kind = 'p'
)

// remotes gives each remote its place in due records and in memory.
var remotes = [...]bridge.Remote{bridge.ToAgen, bridge.ToSlack}

func indexOf(remote bridge.Remote) (int, error) {
	for i, r := range remotes {
		if r == remote {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown remote %q", remote)
}

// maxKeyPart bounds thread keys and row ids well below what bbolt takes, so
// that writing a row can't fail half way through a transaction.
const maxKeyPart = 4000

// prefixOf returns what all keys of a thread's records begin with. The
// zero byte keeps a thread apart from one whose key begins with its key.
func prefixOf(thread bridge.ThreadKey) ([]byte, error) {
	if thread == "" || len(thread) > maxKeyPart || strings.IndexByte(string(thread), 0) >= 0 {
		return nil, fmt.Errorf("thread key of %d bytes can't be stored: it must be 1 to %d bytes without a zero byte", len(thread), maxKeyPart)
	}
	return append([]byte(thread), 0), nil
}

// suffix is what follows a thread's prefix in the key of a record.
func suffix(k kind, id string) string { return string(rune(k)) + id }

// keyOf returns the key of a record.
func keyOf(prefix []byte, suffix string) []byte {
	key := make([]byte, 0, len(prefix)+len(suffix))
	return append(append(key, prefix...), suffix...)
}

// splitKey takes the key of a record apart.
func splitKey(key []byte) (thread bridge.ThreadKey, k kind, id string, err error) {
	t, rest, ok := strings.Cut(string(key), "\x00")
	if !ok || rest == "" || t == "" {
		return "", 0, "", fmt.Errorf("key %q: %w", key, ErrUnreadable)
	}
	return bridge.ThreadKey(t), kind(rest[0]), rest[1:], nil
}

// dues are the due times of a thread's lanes, in the order of remotes.
type dues [len(remotes)]due

// due is when a lane has its next step, if it has one.
type due struct {
	at   time.Time
	owed bool
}

// A due record holds for each remote eight bytes: 0 for nothing owed, 1 for
// at once (the zero time), or nanoseconds since 1970.
const dueSize = 8 * len(remotes)

func (d dues) none() bool { return !d[0].owed && !d[1].owed }

func (d dues) encode() []byte {
	b := make([]byte, 0, dueSize)
	for _, l := range d {
		b = binary.BigEndian.AppendUint64(b, l.nanos())
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
	if len(b) != dueSize {
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
	return d, nil
}

// writeDues brings the index of due lanes up to date. Where nothing is
// different nothing is written.
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
