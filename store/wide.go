package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

var _ bridge.Channels = (*Store)(nil)

// Move implements bridge.Channels. A thread that can't be read stays where it
// is.
func (s *Store) Move(ctx context.Context, from, to bridge.ChannelKey, merge bridge.Merge) (threads int, err error) {
	if from == to || from == "" || to == "" {
		return 0, fmt.Errorf("move %q to %q: not two channels", from, to)
	}
	err = s.submit(ctx, &request{wide: func(b *batch) (*plan, error) {
		p, err := b.move(from, to, merge)
		threads = len(p.moved)
		return p, err
	}})
	if err != nil {
		return 0, fmt.Errorf("move a channel: %w", err)
	}
	return threads, nil
}

// Rest implements bridge.Channels.
func (s *Store) Rest(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decide) (rested bool, err error) {
	err = s.submit(ctx, &request{wide: func(b *batch) (*plan, error) {
		if b.channels.Resting[channel] || b.channels.now(bridge.ThreadKey(channel)) != bridge.ThreadKey(channel) {
			return &plan{}, nil
		}
		rested = true
		b.channels = b.channels.rest(channel)
		return b.each(channel, decide)
	}})
	if err != nil {
		return false, fmt.Errorf("rest a channel: %w", err)
	}
	return rested, nil
}

// Wake implements bridge.Channels. Where nothing rests it costs nothing.
func (s *Store) Wake(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decide) (woken bool, err error) {
	if !s.channels.Load().anyRests(channel) {
		return false, nil
	}
	err = s.submit(ctx, &request{wide: func(b *batch) (*plan, error) {
		if woken = b.channels.anyRests(channel); !woken {
			return &plan{}, nil
		}
		b.channels = b.channels.wake(channel)
		return b.each(channel, decide)
	}})
	if err != nil {
		return false, fmt.Errorf("wake a channel: %w", err)
	}
	return woken, nil
}

// plan is what a request that concerns many threads is to write. It is complete
// before anything is written, so that what can fail leaves the transaction as it
// is for the others in it.
type plan struct {
	changes []change
	// moved are keys that nothing stands under any more; of the others rows are
	// what there is now.
	moved []bridge.ThreadKey
	rows  []*bridge.Rows
	// intake tells that something came in for the threads.
	intake bool
}

// applyWide runs a request that concerns many threads. Its error ends the whole
// batch.
func (b *batch) applyWide(r *request) error {
	before := b.channels
	p, err := r.wide(b)
	if err != nil {
		b.channels, r.err = before, err
		return nil
	}
	for _, c := range p.changes {
		if err := c.write(b.tx); err != nil {
			return err
		}
	}
	if b.channels != before {
		b.dirty = true
		if err := b.channels.write(b.tx); err != nil {
			return err
		}
	}
	for _, key := range p.moved {
		b.effects[key] = &effect{}
		if err := writeDues(b.tx, key, dues{}); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
	}
	for _, rows := range p.rows {
		if err := b.note(rows, p.intake, true); err != nil {
			return err
		}
	}
	return nil
}

// move takes all threads of a channel to their new keys.
func (b *batch) move(from, to bridge.ChannelKey, merge bridge.Merge) (*plan, error) {
	p := &plan{intake: true}
	old, err := threadsIn(b.tx, from, bucketLive, bucketRest)
	if err != nil {
		return p, err
	}
	if len(old) == 0 && b.channels.Moved[from] == to {
		return p, nil // known already
	}
	b.channels = b.channels.move(from, to)
	for _, key := range old {
		moved, err := scan(b.tx, b.s.horizon, key, live, rest)
		if errors.Is(err, ErrUnreadable) {
			continue
		} else if err != nil {
			return p, err
		}
		fresh, _ := rekeyed(key, from, to)
		there, err := scan(b.tx, b.s.horizon, fresh, live, rest)
		if errors.Is(err, ErrUnreadable) {
			continue
		} else if err != nil {
			return p, err
		}
		if err := attempt(func(r *bridge.Rows, at bridge.Moment) error { return merge(r, moved.rows, at) }, there.rows, b.at); err != nil {
			return p, err
		}
		cs, err := there.changes(b.tx, b.at)
		if err != nil {
			return p, err
		}
		p.changes = append(append(p.changes, moved.gone()...), cs...)
		p.moved, p.rows = append(p.moved, key), append(p.rows, there.rows)
	}
	return p, nil
}

// gone are the removals of all that was loaded.
func (l *loaded) gone() []change {
	empty := *l
	empty.rows = bridge.NewRows(l.rows.Key)
	cs := empty.removals()
	if l.bound {
		cs = append(cs, change{key: keyOf(l.prefix, suffix(kindThread, "")), from: live})
	}
	return cs
}

// each applies a decision to all threads of a channel that can still change.
func (b *batch) each(channel bridge.ChannelKey, decide bridge.Decide) (*plan, error) {
	p := &plan{}
	threads, err := threadsIn(b.tx, channel, bucketLive)
	if err != nil {
		return p, err
	}
	for _, key := range threads {
		l, err := load(b.tx, b.s.horizon, key, nil)
		if errors.Is(err, ErrUnreadable) {
			continue
		} else if err != nil {
			return p, err
		}
		l.rows.Memo = b.memo(key)
		if err := attempt(decide, l.rows, b.at); err != nil {
			return p, err
		}
		cs, err := l.changes(b.tx, b.at)
		if err != nil {
			return p, err
		}
		p.changes, p.rows = append(p.changes, cs...), append(p.rows, l.rows)
	}
	return p, nil
}

// threadsIn lists the threads whose keys begin so, each once.
func threadsIn(tx *bbolt.Tx, channel bridge.ChannelKey, buckets ...[]byte) ([]bridge.ThreadKey, error) {
	var all []bridge.ThreadKey
	seen := map[bridge.ThreadKey]bool{}
	for _, name := range buckets {
		c := tx.Bucket(name).Cursor()
		for k, _ := c.Seek([]byte(channel)); k != nil && bytes.HasPrefix(k, []byte(channel)); {
			thread, _, ok := strings.Cut(string(k), "\x00")
			if !ok {
				return nil, fmt.Errorf("key %q: %w", k, ErrUnreadable)
			}
			if key := bridge.ThreadKey(thread); !seen[key] {
				seen[key] = true
				all = append(all, key)
			}
			k, _ = c.Seek(append([]byte(thread), 1)) // behind its rows
		}
	}
	return all, nil
}

// Former returns the keys that a thread had before its channel moved.
func (s *Store) Former(thread bridge.ThreadKey) []bridge.ThreadKey {
	var keys []bridge.ThreadKey
	for from, to := range s.channels.Load().Moved {
		if key, ok := rekeyed(thread, to, from); ok {
			keys = append(keys, key)
		}
	}
	return keys
}
