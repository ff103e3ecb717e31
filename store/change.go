package store

import (
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// change is what a decision does to one record.
type change struct {
	key      []byte
	from, to place
	value    []byte
}

// changes compares the rows with what was loaded, after a decision. Nothing
// is written yet: what can fail fails here, and leaves the transaction as it
// is for the others in it.
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
		if l.known(tx, rowKey{kindMessage, id}) {
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
		if l.known(tx, rowKey{kindPost, id}) {
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
		l.rows.Thread.Seen = bridge.SeenEvents{}
		return c, l.bound, nil
	case l.bound && t.Rev == l.threadRev:
		return c, false, nil
	}
	var err error
	c.value, err = seal(at.Opening, threadRecord{Thread: t, Touched: at.Now})
	return c, true, err
}

// known reports whether a row that the decision added is at rest already and
// was not asked for. Adding twice changes nothing, so the row at rest stays.
func (l *loaded) known(tx *bbolt.Tx, k rowKey) bool {
	if _, ok := l.origins[k]; ok {
		return false
	}
	return rest.in(tx).Get(keyOf(l.prefix, k.suffix())) != nil
}

func (l *loaded) rowChange(k rowKey, rev uint64, resting bool, row any, at bridge.Instant) (change, bool, error) {
	was := l.origins[k]
	if was.place != nowhere && was.rev == rev && was.row == row && !was.mended {
		return change{}, false, nil
	}
	if len(k.id) > maxKeyPart {
		return change{}, false, fmt.Errorf("row id of %d bytes can't be stored", len(k.id))
	}
	c := change{key: keyOf(l.prefix, k.suffix()), from: was.place, to: live}
	if resting {
		c.to = rest
	}
	var err error
	c.value, err = seal(at.Opening, row)
	return c, true, err
}

// removals are the rows that the decision took out.
func (l *loaded) removals() []change {
	var cs []change
	for k, was := range l.origins {
		if was.place != nowhere && !l.holds(k) {
			cs = append(cs, change{key: keyOf(l.prefix, k.suffix()), from: was.place})
		}
	}
	return cs
}

// write carries the change out.
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
