package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// reindex makes the index of due lanes anew. The index is what Due said when
// the rows were written, and another release may see it differently: a lane
// that owed nothing then and does now would never be claimed. What can't be
// read is due at once, so that a claim finds out.
func (s *Store) reindex(tx *bbolt.Tx) error {
	threads, err := liveThreads(tx)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		var d dues
		l, err := scan(tx, s.horizon, thread, live)
		if err == nil {
			l.advance() // what another release left here may be at rest
			d, err = s.dues(l.rows, s.channels.Load())
		}
		if err != nil {
			d = dues{{owed: true}, {owed: true}}
		}
		if err := writeDues(tx, thread, d); err != nil {
			return fmt.Errorf("make the index anew: %w", err)
		}
	}
	return put(tx.Bucket(bucketMeta), entry{metaRelease, s.cfg.Release})
}

// liveThreads lists the threads that have live records or are in the index.
func liveThreads(tx *bbolt.Tx) ([]bridge.ThreadKey, error) {
	var all []bridge.ThreadKey
	c := tx.Bucket(bucketLive).Cursor()
	for k, _ := c.First(); k != nil; {
		thread, _, ok := bytes.Cut(k, []byte{0})
		if !ok {
			return nil, fmt.Errorf("key %q: %w", k, ErrUnreadable)
		}
		all = append(all, bridge.ThreadKey(thread))
		// On to the first key after all of the thread's.
		k, _ = c.Seek(append(bytes.Clone(thread), 1))
	}
	err := tx.Bucket(bucketDue).ForEach(func(k, _ []byte) error {
		if prefix := append(bytes.Clone(k), 0); !hasPrefix(tx.Bucket(bucketLive).Cursor(), prefix) {
			all = append(all, bridge.ThreadKey(k))
		}
		return nil
	})
	return all, err
}

func hasPrefix(c *bbolt.Cursor, prefix []byte) bool {
	k, _ := c.Seek(prefix)
	return bytes.HasPrefix(k, prefix)
}
