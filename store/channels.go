package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// metaChannels is what is known of channels.
var metaChannels = []byte("channels")

// channels says which channels have another key by now, and which rest. It is
// replaced and never changed.
type channels struct {
	// Moved leads from what the keys of a channel's threads began with to what
	// they begin with now.
	Moved map[bridge.ChannelKey]bridge.ChannelKey `json:"moved,omitempty"`
	// Resting are the channels, and single threads, that rest.
	Resting map[bridge.ChannelKey]bool `json:"resting,omitempty"`
}

func readChannels(tx *bbolt.Tx) (*channels, error) {
	c := new(channels)
	if data := tx.Bucket(bucketMeta).Get(metaChannels); data != nil {
		if err := json.Unmarshal(data, c); err != nil {
			return nil, fmt.Errorf("read what is known of channels: %w", ErrUnreadable)
		}
	}
	return c, nil
}

func (c *channels) write(tx *bbolt.Tx) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode what is known of channels: %w", err)
	}
	return put(tx.Bucket(bucketMeta), entry{metaChannels, string(data)})
}

// rekeyed returns the key of a thread whose channel has another key now.
func rekeyed(thread bridge.ThreadKey, from, to bridge.ChannelKey) (bridge.ThreadKey, bool) {
	rest, ok := strings.CutPrefix(string(thread), string(from))
	return bridge.ThreadKey(to) + bridge.ThreadKey(rest), ok
}

// now returns the key that the thread has by now.
func (c *channels) now(thread bridge.ThreadKey) bridge.ThreadKey {
	for from, to := range c.Moved {
		if key, ok := rekeyed(thread, from, to); ok {
			return key
		}
	}
	return thread
}

// rests reports whether the thread's lanes are not handed out.
func (c *channels) rests(thread bridge.ThreadKey) bool {
	for channel := range c.Resting {
		if strings.HasPrefix(string(thread), string(channel)) {
			return true
		}
	}
	return false
}

// anyRests reports whether the channel rests, or any thread in it.
func (c *channels) anyRests(channel bridge.ChannelKey) bool {
	for resting := range c.Resting {
		if strings.HasPrefix(string(resting), string(channel)) {
			return true
		}
	}
	return false
}

// move returns what is known when a channel has another key: of one that moved
// before, only the last is worth knowing.
func (c *channels) move(from, to bridge.ChannelKey) *channels {
	next := &channels{
		Moved:   map[bridge.ChannelKey]bridge.ChannelKey{from: to},
		Resting: make(map[bridge.ChannelKey]bool, len(c.Resting)),
	}
	for was, is := range c.Moved {
		if is == from {
			is = to
		}
		if was != is && was != to {
			next.Moved[was] = is
		}
	}
	for channel := range c.Resting {
		if rest, ok := strings.CutPrefix(string(channel), string(from)); ok {
			channel = to + bridge.ChannelKey(rest)
		}
		next.Resting[channel] = true
	}
	return next
}

// rest returns what is known when the channel rests.
func (c *channels) rest(channel bridge.ChannelKey) *channels {
	next := &channels{Moved: c.Moved, Resting: map[bridge.ChannelKey]bool{channel: true}}
	maps.Copy(next.Resting, c.Resting)
	return next
}

// wake returns what is known when nothing in the channel rests any more.
func (c *channels) wake(channel bridge.ChannelKey) *channels {
	next := &channels{Moved: c.Moved, Resting: maps.Clone(c.Resting)}
	maps.DeleteFunc(next.Resting, func(resting bridge.ChannelKey, _ bool) bool {
		return strings.HasPrefix(string(resting), string(channel))
	})
	return next
}
