package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// reindex rebuilds the index of due lanes. The index contains what Config.Due returned
// when the rows were written, and another release may have other rules: a lane that was
// never due under the old rules would never be claimed. A thread that can't be read is
// due at once, so that a claim reports the error.
func (d *database) reindex(tx *bbolt.Tx) error {
	threads, err := liveThreads(tx)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		var next dues
		l, err := scan(tx, d.guard, thread, live)
		if err == nil {
			l.rebase() // rows that another release left here may be at rest now
			next, err = d.dues(l.rows, d.channels.Load())
		}
		if err != nil {
			next = atOnce
		}
		if err := writeDues(tx, thread, next); err != nil {
			return fmt.Errorf("rebuild the index: %w", err)
		}
	}
	return put(tx.Bucket(bucketMeta), entry{metaRelease, d.cfg.Release})
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
		// Skip to the first key after all keys of the thread.
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
