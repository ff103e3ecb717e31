package store

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// The names of the buckets. The package comment describes their content.
var (
	bucketMeta = []byte("meta")
	bucketLive = []byte("live")
	bucketRest = []byte("rest")
	bucketDue  = []byte("due")
	bucketSeen = []byte("seen")

	allBuckets = [][]byte{bucketMeta, bucketLive, bucketRest, bucketDue, bucketSeen}
)

// kind is the type of a record. In the key it is between the thread and the id. The
// thread's own record sorts first.
type kind byte

const (
	kindThread  kind = 'T'
	kindMessage kind = 'm'
	kindPost    kind = 'p'
)

// maxKeyPart is the maximum length of thread keys and row ids. It is well below bbolt's
// limit, so that writing a row can't fail halfway through a transaction.
const maxKeyPart = 4000

// prefixOf returns the prefix of the keys of all records of a thread. The zero byte at
// its end distinguishes the thread from others whose keys begin with the same text.
func prefixOf(thread bridge.ThreadKey) ([]byte, error) {
	if thread == "" || len(thread) > maxKeyPart || strings.IndexByte(string(thread), 0) >= 0 {
		return nil, fmt.Errorf("thread key of %d bytes can't be stored: it must be 1 to %d bytes without a zero byte", len(thread), maxKeyPart)
	}
	return append([]byte(thread), 0), nil
}

// suffix is the part of a record's key after the thread's prefix.
func suffix(k kind, id string) string { return string(rune(k)) + id }

// keyOf returns the key of a record.
func keyOf(prefix []byte, suffix string) []byte {
	key := make([]byte, 0, len(prefix)+len(suffix))
	return append(append(key, prefix...), suffix...)
}

// splitKey splits the key of a record into its parts.
func splitKey(key []byte) (thread bridge.ThreadKey, k kind, id string, err error) {
	t, rest, ok := strings.Cut(string(key), "\x00")
	if !ok || rest == "" || t == "" {
		return "", 0, "", fmt.Errorf("key %q: %w", key, ErrUnreadable)
	}
	return bridge.ThreadKey(t), kind(rest[0]), rest[1:], nil
}
