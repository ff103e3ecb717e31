package store

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// changes returns what a decision changed in the thread since it was loaded. It writes
// nothing: everything that can fail fails here, and the transaction stays usable for its
// other requests.
func (l *loaded) changes(tx *bbolt.Tx, at bridge.Instant) ([]change, error) {
	var cs []change
	add := func(c change, changed bool, err error) error {
		if changed && err == nil {
			cs = append(cs, c)
		}
		return err
	}
	if err := add(l.threadChange(at)); err != nil {
		return nil, err
	}
	if len(cs) > 0 {
		cs = append(cs, l.seenChanges()...)
	}
	for id, m := range l.rows.Messages {
		if m == nil || m.ID() != id {
			return nil, fmt.Errorf("message filed under %q, which is not its id", id)
		}
		if l.isAtRest(tx, rowKey{kindMessage, id}) {
			delete(l.rows.Messages, id)
			continue
		}
		if err := add(l.rowChange(rowKey{kindMessage, id}, m.Rev, m.Resting(), m, at)); err != nil {
			return nil, err
		}
	}
	for id, p := range l.rows.Posts {
		if p == nil || p.ID() != id {
			return nil, fmt.Errorf("post filed under %q, which is not its key", id)
		}
		if l.isAtRest(tx, rowKey{kindPost, id}) {
			delete(l.rows.Posts, id)
			continue
		}
		if err := add(l.rowChange(rowKey{kindPost, id}, p.Rev, p.Resting(), p, at)); err != nil {
			return nil, err
		}
	}
	return append(cs, l.removals()...), nil
}

// threadChange compares the thread's own record.
func (l *loaded) threadChange(at bridge.Instant) (change, bool, error) {
	c := change{key: keyOf(l.prefix, suffix(kindThread, "")), to: live}
	if l.bound {
		c.from = live
	}
	t := l.rows.Thread
	switch {
	case t.Unbound():
		c.to = nowhere
		return c, l.bound, nil
	case l.bound && t.Rev == l.threadRev:
		return c, false, nil
	}
	var err error
	c.value, err = seal(at.Opening, threadRecord{Thread: t, Touched: at.Now})
	return c, true, err
}

// seenChanges compares the seen events. From then on they count as written. If writing
// them fails, the thread is loaded again.
func (l *loaded) seenChanges() []change {
	t := &l.rows.Thread
	if t.Unbound() {
		t.Seen = bridge.SeenEvents{}
	}
	cs := l.seen.changes(l.prefix, t.Seen)
	t.Seen = l.seen.events
	return cs
}

// isAtRest reports whether a row that the decision added already exists at rest and was
// not requested. Adding twice is a no-op, so the row at rest is kept.
func (l *loaded) isAtRest(tx *bbolt.Tx, k rowKey) bool {
	if _, ok := l.origins[k]; ok {
		return false
	}
	return rest.in(tx).Get(keyOf(l.prefix, k.suffix())) != nil
}

// rowChange compares a message or a post.
func (l *loaded) rowChange(k rowKey, rev uint64, resting bool, row any, at bridge.Instant) (change, bool, error) {
	was := l.origins[k]
	if was.bucket != nowhere && was.rev == rev && was.row == row && !was.corrected {
		return change{}, false, nil
	}
	if len(k.id) > maxKeyPart {
		return change{}, false, fmt.Errorf("row id of %d bytes can't be stored", len(k.id))
	}
	c := change{key: keyOf(l.prefix, k.suffix()), from: was.bucket, to: live}
	if resting {
		c.to = rest
	}
	var err error
	c.value, err = seal(at.Opening, row)
	return c, true, err
}

// removals are the rows that the decision removed.
func (l *loaded) removals() []change {
	var cs []change
	for k, was := range l.origins {
		if was.bucket != nowhere && !l.has(k) {
			cs = append(cs, change{key: keyOf(l.prefix, k.suffix()), from: was.bucket})
		}
	}
	return cs
}
