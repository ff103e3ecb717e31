package store

import (
	"bytes"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// census is what pruning counted of one thread's live records.
type census struct {
	thread bridge.ThreadKey
	// given is the number of rows that have waited too long for a person. kept is the
	// number of all other rows.
	given, kept int
	// active is true if the thread's record, of revision rev, changed within the
	// retention. stale is true if it has not changed for so long that it may be removed.
	active, stale bool
	rev           uint64
}

// hasOld reports whether something of the thread has to be removed.
func (c census) hasOld() bool { return c.given > 0 || c.stale && c.kept == 0 }

// lookAtLive finds threads in which something has to be removed. It stops between two
// threads.
func (w *pruner) lookAtLive(tx *bbolt.Tx, from []byte) find {
	var f find
	c := tx.Bucket(bucketLive).Cursor()
	var now census
	n := 0
	for k, v := c.Seek(from); ; k, v = c.Next() {
		thread, kind, ok := w.owner(k)
		if k != nil && !ok {
			continue
		}
		if thread != now.thread {
			if now.hasOld() {
				f.threads = append(f.threads, now)
			}
			if k == nil {
				return f
			}
			if n >= pruneChunk {
				f.next = bytes.Clone(k)
				return f
			}
			now = census{thread: thread}
		}
		if k == nil {
			return f
		}
		w.count(&now, kind, v)
		n++
	}
}

// owner returns the thread and the kind of a record. It returns false if the key is
// invalid, and an empty thread after the last record.
func (w *pruner) owner(key []byte) (bridge.ThreadKey, kind, bool) {
	if key == nil {
		return "", 0, false
	}
	thread, kind, _, err := splitKey(key)
	if err != nil {
		w.unreadable++
		return "", 0, false
	}
	return thread, kind, true
}

// count adds one record to the census.
func (w *pruner) count(c *census, k kind, record []byte) {
	if k == kindThread {
		t, err := decodeThread(record)
		if err != nil {
			w.unreadable++
			return
		}
		c.active, c.stale = !t.Touched.Before(w.cutoff()), t.Touched.Before(w.now.Add(-threadRetention))
		c.rev = t.Rev
		return
	}
	var a age
	switch _, err := unseal(record, &a); {
	case err != nil:
		w.unreadable++
		c.kept++
	case k == kindMessage && w.givenMessage(a, c.active), k == kindPost && w.givenPost(a, c.active):
		c.given++
	default:
		c.kept++
	}
}

// givenMessage reports whether a live message has waited too long for a person's
// decision, or for an answer to be shown.
func (w *pruner) givenMessage(a age, active bool) bool {
	if a.Unshown == bridge.UnshownForNow && !active && since(a.Accepted, a.Settled).Before(w.cutoff()) {
		return true
	}
	return (a.State == bridge.StateDead || a.State == bridge.StateHeld) && a.Settled.IsZero() && a.Accepted.Before(w.cutoff())
}

// givenPost reports the same of a live post, which its buttons keep live.
func (w *pruner) givenPost(a age, active bool) bool {
	owed := a.State == bridge.StateReady || a.State == bridge.StateInFlight
	return !owed && !active && since(a.Accepted, a.Settled).Before(w.cutoff())
}

// clear returns the decision that removes what is too old from a thread, if the thread
// has not changed since it was counted.
func (w *pruner) clear(c census) bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		if state.Thread.Rev != c.rev {
			return nil
		}
		for id, m := range state.Messages {
			if w.givenMessage(age{m.State, m.Accepted, m.Settled, m.Unshown}, c.active) {
				delete(state.Messages, id)
			}
		}
		for id, p := range state.Posts {
			if w.givenPost(age{State: p.State, Accepted: p.Accepted, Settled: p.Settled}, c.active) {
				delete(state.Posts, id)
			}
		}
		if c.stale && len(state.Messages)+len(state.Posts) == 0 {
			state.Thread = bridge.Thread{}
		}
		return nil
	}
}
