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

// rests reports whether the thread's lanes are not handed out.
func (s *Store) rests(key bridge.ThreadKey) bool {
	return s.resting[bridge.ChannelKey(key)] || s.resting[key.Channel()]
}

// threadsIn lists the threads of a channel.
func (s *Store) threadsIn(channel bridge.ChannelKey) []bridge.ThreadKey {
	keys := slices.Sorted(maps.Keys(s.threads))
	return slices.DeleteFunc(keys, func(key bridge.ThreadKey) bool { return !strings.HasPrefix(string(key), string(channel)) })
}

// CurrentChannel returns the key that a channel has by now.
func (s *Store) CurrentChannel(channel bridge.ChannelKey) bridge.ChannelKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to, ok := s.moved[channel]; ok {
		return to
	}
	return channel
}

// FormerChannels returns the keys that a channel had before.
func (s *Store) FormerChannels(channel bridge.ChannelKey) []bridge.ChannelKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := slices.Sorted(maps.Keys(s.moved))
	return slices.DeleteFunc(keys, func(from bridge.ChannelKey) bool { return s.moved[from] != channel })
}

// RenameChannel remembers that a channel has another key.
func (s *Store) RenameChannel(ctx context.Context, from, to bridge.ChannelKey) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if from == to || from == "" || to == "" {
		return false, errors.New("not two channels")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved[from] == to {
		return false, nil
	}
	for was, is := range s.moved {
		if is == from {
			s.moved[was] = to
		}
	}
	s.moved[from] = to
	delete(s.moved, to)
	return true, nil
}

// Holds reports whether anything is stored of a thread.
func (s *Store) Holds(_ context.Context, thread bridge.ThreadKey) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored(bridge.ChannelKey(thread)), nil
}

// stored reports whether anything is stored of a channel, or of a single thread.
func (s *Store) stored(channel bridge.ChannelKey) bool {
	return slices.ContainsFunc(s.threadsIn(channel), func(key bridge.ThreadKey) bool {
		t := s.threads[key]
		return !t.record.Unbound() || len(t.messages)+len(t.posts) > 0
	})
}

// forgetChannels forgets what is known of channels of which nothing is stored.
func (s *Store) forgetChannels() {
	inUse := map[bridge.ChannelKey]bool{}
	for from, to := range s.moved {
		inUse[to] = inUse[to] || s.stored(from) || s.stored(to)
	}
	maps.DeleteFunc(s.moved, func(_, to bridge.ChannelKey) bool { return !inUse[to] })
	maps.DeleteFunc(s.resting, func(channel bridge.ChannelKey, _ bool) bool { return !s.stored(channel) })
}

// Pause implements bridge.Channels.
func (s *Store) Pause(ctx context.Context, channel bridge.ChannelKey, decide bridge.Decision) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resting[channel] {
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
