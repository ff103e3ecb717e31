package bridgetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

var _ bridge.Channels = (*Store)(nil)

// now is the key that a thread has by now.
func (s *Store) now(key bridge.ThreadKey) bridge.ThreadKey {
	for from, to := range s.moved {
		if rest, ok := strings.CutPrefix(string(key), string(from)); ok {
			return bridge.ThreadKey(to) + bridge.ThreadKey(rest)
		}
	}
	return key
}

// rests reports whether the thread's lanes are not handed out.
func (s *Store) rests(key bridge.ThreadKey) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(s.resting)), func(c bridge.ChannelKey) bool {
		return strings.HasPrefix(string(key), string(c))
	})
}

// threadsIn lists the threads of a channel.
func (s *Store) threadsIn(channel bridge.ChannelKey) []bridge.ThreadKey {
	keys := slices.Sorted(maps.Keys(s.threads))
	return slices.DeleteFunc(keys, func(key bridge.ThreadKey) bool { return !strings.HasPrefix(string(key), string(channel)) })
}

// Move implements bridge.Channels.
func (s *Store) Move(ctx context.Context, from, to bridge.ChannelKey, merge bridge.Merge) (int, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if from == to || from == "" || to == "" {
		return 0, errors.New("not two channels")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range s.threadsIn(from) { // none moves if not all can
		old := s.threads[key]
		err := attempt(func(r *bridge.ThreadState, at bridge.Instant) error {
			return merge(r, s.view(old, old.ids()), at)
		}, bridge.NewThreadState(key), s.instant())
		if err != nil {
			return 0, err
		}
	}
	s.noteMove(from, to)
	n := 0
	for _, key := range s.threadsIn(from) {
		old := s.threads[key]
		delete(s.threads, key)
		if old.record.Unbound() && len(old.messages) == 0 && len(old.posts) == 0 {
			continue // it was kept for its lease only
		}
		if err := s.resettle(old, s.now(key), merge); err != nil {
			return n, err
		}
		n++
	}
	s.wake()
	return n, nil
}

// resettle files what was one thread under a new key.
func (s *Store) resettle(old *thread, key bridge.ThreadKey, merge bridge.Merge) error {
	moved := s.view(old, old.ids())
	var ids []string
	if t := s.threads[key]; t != nil {
		ids, t.volatile = t.ids(), bridge.Volatile{}
	}
	_, err := s.apply(key, ids, func(r *bridge.ThreadState, at bridge.Instant) error { return merge(r, moved, at) })
	if err != nil {
		return err
	}
	for _, l := range s.threads[key].lanes {
		l.notify()
	}
	return nil
}

func (s *Store) noteMove(from, to bridge.ChannelKey) {
	next := map[bridge.ChannelKey]bridge.ChannelKey{from: to}
	for was, is := range s.moved {
		if is == from {
			is = to
		}
		if was != is && was != to {
			next[was] = is
		}
	}
	s.moved = next
	for channel := range maps.Clone(s.resting) {
		if rest, ok := strings.CutPrefix(string(channel), string(from)); ok {
			delete(s.resting, channel)
			s.resting[to+bridge.ChannelKey(rest)] = true
		}
	}
}

// Pause implements bridge.Channels.
func (s *Store) Pause(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resting[channel] || s.now(bridge.ThreadKey(channel)) != bridge.ThreadKey(channel) {
		return false, nil
	}
	s.resting[channel] = true
	return true, s.each(channel, decide)
}

// Resume implements bridge.Channels.
func (s *Store) Resume(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.resting)
	maps.DeleteFunc(s.resting, func(c bridge.ChannelKey, _ bool) bool { return strings.HasPrefix(string(c), string(channel)) })
	if len(s.resting) == before {
		return false, nil
	}
	return true, s.each(channel, decide)
}

// each applies the decision to all threads of the channel.
func (s *Store) each(channel bridge.ChannelKey, decide bridge.Decision) error {
	for _, key := range s.threadsIn(channel) {
		if _, err := s.apply(key, nil, decide); err != nil {
			return err
		}
	}
	return nil
}
