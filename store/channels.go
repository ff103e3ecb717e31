package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// metaChannels is what is known of channels.
var metaChannels = []byte("channels")

// channels says which channels have another id by now, and which are paused. It
// is replaced and never changed, so that everybody may read it without a lock.
type channels struct {
	// Moved leads from each former key of a channel to its present one, never by
	// way of a third. Earlier releases also filed the channel's threads under the
	// present key.
	Moved map[bridge.ChannelKey]bridge.ChannelKey `json:"moved,omitempty"`
	// Resting are the channels, and single threads, that are paused.
	Resting map[bridge.ChannelKey]bool `json:"resting,omitempty"`

	// former is the inverse of Moved, in the order of keys, and pausedIn counts
	// the single threads that are paused in a channel.
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

// current returns the key that the channel has by now.
func (c *channels) current(channel bridge.ChannelKey) bridge.ChannelKey {
	if to, ok := c.Moved[channel]; ok {
		return to
	}
	return channel
}

// rests reports whether the thread's lanes are not handed out.
func (c *channels) rests(thread bridge.ThreadKey) bool {
	return len(c.Resting) > 0 && (c.Resting[bridge.ChannelKey(thread)] || c.Resting[thread.Channel()])
}

// anyRests reports whether the channel rests, or any thread in it.
func (c *channels) anyRests(channel bridge.ChannelKey) bool {
	return c.Resting[channel] || c.pausedIn[channel] > 0
}

// rename returns what is known when a channel has another key. Every former key
// then leads to the new one. A key that is in use again leads nowhere.
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

// rest returns what is known when the channel rests.
func (c *channels) rest(channel bridge.ChannelKey) *channels {
	resting := map[bridge.ChannelKey]bool{channel: true}
	maps.Copy(resting, c.Resting)
	return newChannels(c.Moved, resting)
}

// wake returns what is known when nothing in the channel rests any more.
func (c *channels) wake(channel bridge.ChannelKey) *channels {
	resting := maps.Clone(c.Resting)
	maps.DeleteFunc(resting, func(key bridge.ChannelKey, _ bool) bool {
		return key == channel || bridge.ThreadKey(key).Channel() == channel
	})
	return newChannels(c.Moved, resting)
}

// without returns what is known when everything is forgotten that concerns
// nothing stored. A former key is kept as long as the channel has threads under
// any of its keys: by it a late event finds them, and a route its channel.
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

// size is how many entries there are.
func (c *channels) size() int { return len(c.Moved) + len(c.Resting) }
