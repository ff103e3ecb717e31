package store

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// bucket is the bucket that a record is in.
type bucket uint8

const (
	nowhere bucket = iota
	live
	rest
	seen
)

func (b bucket) in(tx *bbolt.Tx) *bbolt.Bucket {
	switch b {
	case rest:
		return tx.Bucket(bucketRest)
	case seen:
		return tx.Bucket(bucketSeen)
	default:
		return tx.Bucket(bucketLive)
	}
}

// change is a record to add, rewrite, move to another bucket, or delete.
type change struct {
	key      []byte
	from, to bucket
	value    []byte
}

// write applies the change.
func (c change) write(tx *bbolt.Tx) error {
	if c.from != nowhere && c.from != c.to {
		if err := c.from.in(tx).Delete(c.key); err != nil {
			return fmt.Errorf("delete record: %w", err)
		}
	}
	if c.to == nowhere {
		return nil
	}
	if err := c.to.in(tx).Put(c.key, c.value); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}
