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
	err = s.submit(ctx, &request{channelTx: func(b *batch) (err error) {
		threads, err = b.move(from, to, merge)
		return err
	}})
	if err != nil {
		return 0, fmt.Errorf("move a channel: %w", err)
	}
	return threads, nil
}

// Pause implements bridge.Channels.
func (s *Store) Pause(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (rested bool, err error) {
	err = s.submit(ctx, &request{channelTx: func(b *batch) error {
		if b.channels.Resting[channel] || b.channels.now(bridge.ThreadKey(channel)) != bridge.ThreadKey(channel) {
			return nil
		}
		rested = true
		return b.each(channel, b.channels.rest(channel), decide)
	}})
	if err != nil {
		return false, fmt.Errorf("rest a channel: %w", err)
	}
	return rested, nil
}

// Resume implements bridge.Channels. Where nothing rests it costs nothing.
func (s *Store) Resume(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (woken bool, err error) {
	if !s.channels.Load().anyRests(channel) {
		return false, nil
	}
	err = s.submit(ctx, &request{channelTx: func(b *batch) error {
		if woken = b.channels.anyRests(channel); !woken {
			return nil
		}
		return b.each(channel, b.channels.wake(channel), decide)
	}})
	if err != nil {
		return false, fmt.Errorf("wake a channel: %w", err)
	}
	return woken, nil
}

// know notes what is known of channels from now on.
func (b *batch) know(known *channels) error {
	b.channels, b.dirty = known, true
	return known.write(b.tx)
}

// move takes all threads of a channel to their new keys, one after the other:
// there may be many.
func (b *batch) move(from, to bridge.ChannelKey, merge bridge.Merge) (moved int, err error) {
	threads, err := threadsIn(b.tx, from, bucketLive, bucketRest)
	if err != nil || len(threads) == 0 && b.channels.Moved[from] == to {
		return 0, err
	}
	if err := b.know(b.channels.move(from, to)); err != nil {
		return 0, err
	}
	for _, key := range threads {
		fresh, _ := rekeyed(key, from, to)
		switch err := b.moveThread(key, fresh, merge); {
		case errors.Is(err, ErrUnreadable):
		case err != nil:
			return 0, err
		default:
			moved++
		}
	}
	return moved, nil
}

func (b *batch) moveThread(key, fresh bridge.ThreadKey, merge bridge.Merge) error {
	moved, err := scan(b.tx, b.s.guard, key, live, rest)
	if err != nil {
		return err
	}
	there, err := scan(b.tx, b.s.guard, fresh, live, rest)
	if err != nil {
		return err
	}
	err = attempt(func(r *bridge.ThreadState, at bridge.Instant) error { return merge(r, moved.rows, at) }, there.rows, b.at)
	if err != nil {
		return err
	}
	if err := b.writeAll(moved.gone()); err != nil {
		return err
	}
	b.effects[key] = &effect{}
	if err := writeDues(b.tx, key, dues{}); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return b.keep(there, true)
}

// gone are the removals of all that was loaded.
func (l *loaded) gone() []change {
	empty := *l
	empty.rows = bridge.NewThreadState(l.rows.Key)
	cs := empty.removals()
	if l.bound {
		cs = append(cs, change{key: keyOf(l.prefix, suffix(kindThread, "")), from: live})
		cs = append(cs, empty.seenChanges()...)
	}
	return cs
}

// each applies a decision to all threads of a channel that can still change.
func (b *batch) each(channel bridge.ChannelKey, known *channels, decide bridge.Decision) error {
	if err := b.know(known); err != nil {
		return err
	}
	threads, err := threadsIn(b.tx, channel, bucketLive)
	if err != nil {
		return err
	}
	for _, key := range threads {
		l, err := load(b.tx, b.s.guard, key, nil)
		if errors.Is(err, ErrUnreadable) {
			continue
		} else if err != nil {
			return err
		}
		l.rows.Volatile = b.volatile(key)
		if err := attempt(decide, l.rows, b.at); err != nil {
			return err
		}
		if err := b.keep(l, false); err != nil {
			return err
		}
	}
	return nil
}

// keep writes what is different in a thread.
func (b *batch) keep(l *loaded, intake bool) error {
	cs, err := l.changes(b.tx, b.at)
	if err != nil {
		return err
	}
	l.rebase()
	next, err := b.outlook(l.rows, true)
	if err != nil {
		return err
	}
	if err := b.writeAll(cs); err != nil {
		return err
	}
	return b.note(l, intake, true, next)
}

func (b *batch) writeAll(cs []change) error {
	for _, c := range cs {
		if err := c.write(b.tx); err != nil {
			return err
		}
	}
	return nil
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
