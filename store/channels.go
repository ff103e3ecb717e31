package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// metaChannels is the key of the channel state.
var metaChannels = []byte("channels")

// channels is the channel state: which channels have a new id, and which are paused. It
// is replaced and never changed, so it can be read without a lock.
type channels struct {
	// Moved maps each former key of a channel to its present key, always in one step.
	// Earlier releases also stored the channel's threads under the present key.
	Moved map[bridge.ChannelKey]bridge.ChannelKey `json:"moved,omitempty"`
	// Resting are the paused channels and the threads that are paused individually.
	Resting map[bridge.ChannelKey]bool `json:"resting,omitempty"`

	// former is the inverse of Moved, sorted by key. pausedIn is the number of
	// individually paused threads of each channel.
	former   map[bridge.ChannelKey][]bridge.ChannelKey
	pausedIn map[bridge.ChannelKey]int
}

func readChannels(tx *bbolt.Tx) (*channels, error) {
	c := new(channels)
	if data := tx.Bucket(bucketMeta).Get(metaChannels); data != nil {
		if err := json.Unmarshal(data, c); err != nil {
			return nil, fmt.Errorf("read what is known of channels: %w", ErrUnreadable)
		}
	}
	return newChannels(c.Moved, c.Resting), nil
}

func newChannels(moved map[bridge.ChannelKey]bridge.ChannelKey, resting map[bridge.ChannelKey]bool) *channels {
	c := &channels{
		Moved: moved, Resting: resting,
		former: map[bridge.ChannelKey][]bridge.ChannelKey{}, pausedIn: map[bridge.ChannelKey]int{},
	}
	for _, from := range slices.Sorted(maps.Keys(moved)) {
		c.former[moved[from]] = append(c.former[moved[from]], from)
	}
	for key := range resting {
		if in := bridge.ThreadKey(key).Channel(); in != key {
			c.pausedIn[in]++
		}
	}
	return c
}

func (c *channels) write(tx *bbolt.Tx) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode what is known of channels: %w", err)
	}
	return put(tx.Bucket(bucketMeta), entry{metaChannels, string(data)})
}

// current returns the present key of the channel.
func (c *channels) current(channel bridge.ChannelKey) bridge.ChannelKey {
	if to, ok := c.Moved[channel]; ok {
		return to
	}
	return channel
}

// rests reports whether the thread is paused, so that its lanes can't be claimed.
func (c *channels) rests(thread bridge.ThreadKey) bool {
	return len(c.Resting) > 0 && (c.Resting[bridge.ChannelKey(thread)] || c.Resting[thread.Channel()])
}

// anyRests reports whether the channel or any thread in it is paused.
func (c *channels) anyRests(channel bridge.ChannelKey) bool {
	return c.Resting[channel] || c.pausedIn[channel] > 0
}

// rename returns the channel state after a channel's key changed. Every former key then
// maps to the new one. A key that is in use again maps to nothing.
func (c *channels) rename(from, to bridge.ChannelKey) *channels {
	moved := map[bridge.ChannelKey]bridge.ChannelKey{from: to}
	for was, is := range c.Moved {
		if is == from {
			is = to
		}
		if was != to && was != from {
			moved[was] = is
		}
	}
	return newChannels(moved, c.Resting)
}

// rest returns the channel state after the channel was paused.
func (c *channels) rest(channel bridge.ChannelKey) *channels {
	resting := map[bridge.ChannelKey]bool{channel: true}
	maps.Copy(resting, c.Resting)
	return newChannels(c.Moved, resting)
}

// wake returns the channel state after everything in the channel was resumed.
func (c *channels) wake(channel bridge.ChannelKey) *channels {
	resting := maps.Clone(c.Resting)
	maps.DeleteFunc(resting, func(key bridge.ChannelKey, _ bool) bool {
		return key == channel || bridge.ThreadKey(key).Channel() == channel
	})
	return newChannels(c.Moved, resting)
}

// without returns the channel state without the entries of channels of which nothing is
// stored. A former key is kept while the channel has threads under any of its keys,
// because late events and routes may still use the former key.
func (c *channels) without(stored func(bridge.ChannelKey) bool) *channels {
	inUse := map[bridge.ChannelKey]bool{}
	for from, to := range c.Moved {
		inUse[to] = inUse[to] || stored(from) || stored(to)
	}
	moved, resting := maps.Clone(c.Moved), maps.Clone(c.Resting)
	maps.DeleteFunc(moved, func(_, to bridge.ChannelKey) bool { return !inUse[to] })
	maps.DeleteFunc(resting, func(key bridge.ChannelKey, _ bool) bool { return !stored(key) })
	return newChannels(moved, resting)
}

// size returns the number of entries.
func (c *channels) size() int { return len(c.Moved) + len(c.Resting) }
