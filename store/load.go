package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// place is the bucket that a record is in.
type place uint8

const (
	nowhere place = iota
	live
	rest
	seen
)

func (p place) in(tx *bbolt.Tx) *bbolt.Bucket {
	switch p {
	case rest:
		return tx.Bucket(bucketRest)
	case seen:
		return tx.Bucket(bucketSeen)
	default:
		return tx.Bucket(bucketLive)
	}
}

// origin is where a row was when it was loaded, and its revision then. The
// row is kept to notice when another one has taken its place. A row that was
// mended is not what is on disk: it is written with the next decision.
type origin struct {
	place  place
	rev    uint64
	row    any
	mended bool
}

// loaded is a thread as it stands in a transaction, and what is needed to
// tell afterwards what a decision changed.
type loaded struct {
	prefix []byte
	rows   *bridge.ThreadState
	// bound tells that the thread has a record, and threadRev its revision.
	bound     bool
	threadRev uint64
	// seen is what is stored of the seen events, and seenInRecord those that an
	// earlier release wrote into the thread's record.
	seen         seenRows
	seenInRecord []byte
	// origins of the rows; those that were asked for and are not there are
	// nowhere.
	origins map[rowKey]origin
}

// rowKey names a row of a thread.
type rowKey struct {
	kind kind
	id   string
}

func (k rowKey) suffix() string { return suffix(k.kind, k.id) }

// load reads the thread's record, its live rows, and of the resting ones
// those with the given ids.
func load(tx *bbolt.Tx, h horizon, thread bridge.ThreadKey, ids []string) (*loaded, error) {
	l, err := scan(tx, h, thread, live)
	if err != nil {
		return nil, err
	}
	return l, l.findAll(tx, h, ids)
}

// findAll takes on the resting rows with the given ids.
func (l *loaded) findAll(tx *bbolt.Tx, h horizon, ids []string) error {
	for _, id := range ids {
		for _, k := range [...]kind{kindMessage, kindPost} {
			if err := l.find(tx, h, rowKey{k, id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// scan reads all records of the thread that are in some places.
func scan(tx *bbolt.Tx, h horizon, thread bridge.ThreadKey, in ...place) (*loaded, error) {
	prefix, err := prefixOf(thread)
	if err != nil {
		return nil, err
	}
	l := &loaded{prefix: prefix, rows: bridge.NewThreadState(thread), origins: map[rowKey]origin{}}
	for _, p := range in {
		if err := l.scan(tx, h, p); err != nil {
			return nil, err
		}
	}
	if l.bound {
		return l, l.scanSeen(tx)
	}
	return l, nil
}

func (l *loaded) scan(tx *bbolt.Tx, h horizon, p place) error {
	c := p.in(tx).Cursor()
	for k, v := c.Seek(l.prefix); bytes.HasPrefix(k, l.prefix); k, v = c.Next() {
		if err := l.take(string(k[len(l.prefix):]), v, p, h); err != nil {
			return err
		}
	}
	return nil
}

// find takes on a resting row, or remembers that there is none.
func (l *loaded) find(tx *bbolt.Tx, h horizon, k rowKey) error {
	if _, ok := l.origins[k]; ok {
		return nil
	}
	v := rest.in(tx).Get(keyOf(l.prefix, k.suffix()))
	if v == nil {
		l.origins[k] = origin{}
		return nil
	}
	return l.take(k.suffix(), v, rest, h)
}

// take decodes one record.
func (l *loaded) take(suffix string, v []byte, pl place, h horizon) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("thread %q, record %q: %w", l.rows.Key, suffix, err)
		}
	}()
	if suffix == "" {
		return fmt.Errorf("empty id: %w", ErrUnreadable)
	}
	switch kind, id := kind(suffix[0]), suffix[1:]; kind {
	case kindThread:
		t, err := h.thread(v)
		if err != nil {
			return err
		}
		l.rows.Thread, l.bound, l.threadRev, l.seenInRecord = t.Thread, true, t.Rev, t.Seen
	case kindMessage:
		m, mended, err := h.message(v)
		if err != nil {
			return err
		}
		if m.ID() != id {
			return fmt.Errorf("filed under another id: %w", ErrUnreadable)
		}
		l.rows.Messages[id] = m
		l.origins[rowKey{kind, id}] = origin{pl, m.Rev, m, mended}
	case kindPost:
		p, mended, err := h.post(v)
		if err != nil {
			return err
		}
		if p.ID() != id {
			return fmt.Errorf("filed under another id: %w", ErrUnreadable)
		}
		l.rows.Posts[id] = p
		l.origins[rowKey{kind, id}] = origin{pl, p.Rev, p, mended}
	default:
		return fmt.Errorf("unknown kind: %w", ErrUnreadable)
	}
	return nil
}

// advance makes of what a decision left what a scan of the live records would
// read once its changes are written.
func (l *loaded) advance() {
	l.rows.Audit = nil
	if l.bound = !l.rows.Thread.Unbound(); !l.bound {
		l.rows.Thread = bridge.Thread{}
	}
	l.threadRev = l.rows.Thread.Rev
	for id, m := range l.rows.Messages {
		if m.Resting() {
			delete(l.rows.Messages, id)
			continue
		}
		l.origins[rowKey{kindMessage, id}] = origin{live, m.Rev, m, false}
	}
	for id, p := range l.rows.Posts {
		if p.Resting() {
			delete(l.rows.Posts, id)
			continue
		}
		l.origins[rowKey{kindPost, id}] = origin{live, p.Rev, p, false}
	}
	for k := range l.origins {
		if !l.holds(k) {
			delete(l.origins, k)
		}
	}
}

// holds reports whether the row is there.
func (l *loaded) holds(k rowKey) (ok bool) {
	if k.kind == kindMessage {
		_, ok = l.rows.Messages[k.id]
	} else {
		_, ok = l.rows.Posts[k.id]
	}
	return ok
}
