package store

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// loaded is a thread as it is in a transaction, with what is needed to find out later
// what a decision changed.
type loaded struct {
	prefix []byte
	rows   *bridge.ThreadState
	// bound is true if the thread has a record, and threadRev is the revision of the
	// record.
	bound     bool
	threadRev uint64
	// seen describes the stored rows of seen events. A thread without a record has none.
	seen seenRows
	// origins are the origins of the rows. A requested row that doesn't exist has the
	// bucket nowhere.
	origins map[rowKey]origin
}

// rowKey identifies a row of a thread.
type rowKey struct {
	kind kind
	id   string
}

func (k rowKey) suffix() string { return suffix(k.kind, k.id) }

// origin is the bucket and revision of a row when it was loaded. It keeps the row to
// detect whether another one has replaced it. A row that the clockGuard corrected differs
// from the one on disk, so it is written with the next decision.
type origin struct {
	bucket    bucket
	rev       uint64
	row       any
	corrected bool
}

// load reads the thread's record, its live rows, and the resting rows with the given ids.
func load(tx *bbolt.Tx, g clockGuard, thread bridge.ThreadKey, ids []string) (*loaded, error) {
	l, err := scan(tx, g, thread, live)
	if err != nil {
		return nil, err
	}
	return l, l.findAll(tx, g, ids)
}

// scan reads all records of the thread in the given buckets and, with its own record, the
// seen events.
func scan(tx *bbolt.Tx, g clockGuard, thread bridge.ThreadKey, in ...bucket) (*loaded, error) {
	prefix, err := prefixOf(thread)
	if err != nil {
		return nil, err
	}
	l := &loaded{prefix: prefix, rows: bridge.NewThreadState(thread), origins: map[rowKey]origin{}}
	for _, b := range in {
		if err := l.scan(tx, g, b); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *loaded) scan(tx *bbolt.Tx, g clockGuard, b bucket) error {
	c := b.in(tx).Cursor()
	for k, v := c.Seek(l.prefix); bytes.HasPrefix(k, l.prefix); k, v = c.Next() {
		if err := l.take(tx, string(k[len(l.prefix):]), v, b, g); err != nil {
			return err
		}
	}
	return nil
}

// findAll adds the resting rows with the given ids.
func (l *loaded) findAll(tx *bbolt.Tx, g clockGuard, ids []string) error {
	for _, id := range ids {
		for _, k := range [...]kind{kindMessage, kindPost} {
			if err := l.find(tx, g, rowKey{k, id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// find adds a resting row, or records that there is none.
func (l *loaded) find(tx *bbolt.Tx, g clockGuard, k rowKey) error {
	if _, ok := l.origins[k]; ok {
		return nil
	}
	v := rest.in(tx).Get(keyOf(l.prefix, k.suffix()))
	if v == nil {
		l.origins[k] = origin{}
		return nil
	}
	return l.take(tx, k.suffix(), v, rest, g)
}

// take decodes one record.
func (l *loaded) take(tx *bbolt.Tx, suffix string, v []byte, b bucket, g clockGuard) (err error) {
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
		return l.takeThread(tx, v, g)
	case kindMessage:
		m, corrected, err := g.message(v)
		if err != nil {
			return err
		}
		if m.ID() != id {
			return fmt.Errorf("filed under another id: %w", ErrUnreadable)
		}
		l.rows.Messages[id] = m
		l.origins[rowKey{kind, id}] = origin{b, m.Rev, m, corrected}
	case kindPost:
		p, corrected, err := g.post(v)
		if err != nil {
			return err
		}
		if p.ID() != id {
			return fmt.Errorf("filed under another id: %w", ErrUnreadable)
		}
		l.rows.Posts[id] = p
		l.origins[rowKey{kind, id}] = origin{b, p.Rev, p, corrected}
	default:
		return fmt.Errorf("unknown kind: %w", ErrUnreadable)
	}
	return nil
}

// takeThread decodes the thread's own record, and loads its seen events.
func (l *loaded) takeThread(tx *bbolt.Tx, v []byte, g clockGuard) error {
	t, err := g.thread(v)
	if err != nil {
		return err
	}
	if l.seen, err = loadSeen(tx, l.prefix); err != nil {
		return err
	}
	l.rows.Thread, l.bound, l.threadRev = t.Thread, true, t.Rev
	l.rows.Thread.Seen, err = l.seen.add(t.Seen)
	return err
}

// rebase brings loaded into the state that a scan of the live records will produce after
// the changes are written.
func (l *loaded) rebase() {
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
		if !l.has(k) {
			delete(l.origins, k)
		}
	}
}

// has reports whether the thread has the row.
func (l *loaded) has(k rowKey) (ok bool) {
	if k.kind == kindMessage {
		_, ok = l.rows.Messages[k.id]
	} else {
		_, ok = l.rows.Posts[k.id]
	}
	return ok
}

// size returns the number of the thread's records, including its own.
func (l *loaded) size() int { return 1 + len(l.rows.Messages) + len(l.rows.Posts) }
