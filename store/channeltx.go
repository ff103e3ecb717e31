package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

var _ bridge.Channels = (*Store)(nil)

// CurrentChannel returns the present key of a channel, which differs from the given one
// only after RenameChannel. It reads from memory.
func (s *Store) CurrentChannel(channel bridge.ChannelKey) bridge.ChannelKey {
	return s.channels.Load().current(channel)
}

// FormerChannels returns the former keys of a channel. Most channels have none.
func (s *Store) FormerChannels(channel bridge.ChannelKey) []bridge.ChannelKey {
	return slices.Clone(s.channels.Load().former[channel])
}

// RenameChannel stores that a channel has a new key, and reports whether that is a
// change. The channel's threads keep their keys.
func (s *Store) RenameChannel(ctx context.Context, from, to bridge.ChannelKey) (renamed bool, err error) {
	if from == to || from == "" || to == "" {
		return false, fmt.Errorf("rename channel %q to %q: not two channels", from, to)
	}
	err = s.submit(ctx, &request{channelTx: func(b *batch) error {
		if renamed = b.channels.Moved[from] != to; !renamed {
			return nil
		}
		return b.know(b.channels.rename(from, to))
	}})
	if err != nil {
		return false, fmt.Errorf("rename channel: %w", err)
	}
	return renamed, nil
}

// Holds reports whether anything is stored about a thread.
func (s *Store) Holds(ctx context.Context, thread bridge.ThreadKey) (holds bool, err error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	prefix, err := prefixOf(thread)
	if err != nil {
		return false, err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		holds = stored(tx, prefix)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("look for a thread: %w", err)
	}
	return holds, nil
}

// stored reports whether there is a record whose key has the prefix.
func stored(tx *bbolt.Tx, prefix []byte) bool {
	return hasPrefix(tx.Bucket(bucketLive).Cursor(), prefix) || hasPrefix(tx.Bucket(bucketRest).Cursor(), prefix)
}

// Pause implements bridge.Channels.
func (s *Store) Pause(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (rested bool, err error) {
	err = s.submit(ctx, &request{channelTx: func(b *batch) error {
		if b.channels.Resting[channel] {
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

// Resume implements bridge.Channels. If nothing in the channel is paused, it doesn't
// touch the disk.
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

// know writes a new channel state.
func (b *batch) know(known *channels) error {
	b.channels, b.dirty = known, true
	return known.write(b.tx)
}

// forgetChannels removes the state of channels of which nothing is stored.
func (b *batch) forgetChannels() error {
	known := b.channels.without(func(channel bridge.ChannelKey) bool { return stored(b.tx, []byte(channel)) })
	if known.size() == b.channels.size() {
		return nil
	}
	return b.know(known)
}

// each applies a decision to all threads of a channel that have live rows.
func (b *batch) each(channel bridge.ChannelKey, known *channels, decide bridge.Decision) error {
	if err := b.know(known); err != nil {
		return err
	}
	threads, err := threadsIn(b.tx, channel)
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
		if err := b.keep(l); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the changes of a thread.
func (b *batch) keep(l *loaded) error {
	cs, err := l.changes(b.tx, b.at)
	if err != nil {
		return err
	}
	l.rebase()
	next, err := b.outlook(l.rows, true)
	if err != nil {
		return err
	}
	for _, c := range cs {
		if err := c.write(b.tx); err != nil {
			return err
		}
	}
	return b.note(l, false, true, next)
}

// threadsIn lists the threads with live rows whose keys begin with the channel's key.
func threadsIn(tx *bbolt.Tx, channel bridge.ChannelKey) ([]bridge.ThreadKey, error) {
	var all []bridge.ThreadKey
	c := tx.Bucket(bucketLive).Cursor()
	for k, _ := c.Seek([]byte(channel)); k != nil && bytes.HasPrefix(k, []byte(channel)); {
		thread, _, ok := strings.Cut(string(k), "\x00")
		if !ok {
			return nil, fmt.Errorf("key %q: %w", k, ErrUnreadable)
		}
		all = append(all, bridge.ThreadKey(thread))
		k, _ = c.Seek(append([]byte(thread), 1)) // skip its rows
	}
	return all, nil
}
