package slackapp

import (
	"context"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// Aliases remembers which channels have a new id, and knows which threads are stored. The store implements it. Slack gives
// a channel a new id when it is shared with another organization or merged into another channel
// (https://docs.slack.dev/reference/events/channel_id_changed).
//
// A thread's key is its identity and never changes. It names the channel by the id that it had when the thread began. An
// event belongs to the thread that is stored, whichever id it names (storedKey), and calls to Slack name the present id
// (locationOf):
//
//   - A→B→C: threads that began under A, B and C keep their keys. An event in C belongs to the thread that is stored
//     under C, or else under A or B. All calls name C.
//   - A→B→A: the same, with A as the present id.
//   - A→B where B has threads of its own: an alias applies to a thread only if none is stored under the id that the
//     event names. If both ids have a thread with the same root, each gets the events that name its own id, and both post
//     to B.
//   - A new thread is stored under the present id, whichever id the event names.
//   - A rename that is learned late: a message that arrived under B until then either began a thread there, which stays,
//     or was a reply that belonged to no thread of ours. So the backfill reads the channel's threads again under B, up to
//     its maximum age (backlog.channelRenamed).
//
// The store forgets an alias when it holds no thread of the channel under any of its ids.
type Aliases interface {
	// CurrentChannel returns the present key of a channel: the same one, unless it was renamed.
	CurrentChannel(channel bridge.ChannelKey) bridge.ChannelKey
	// FormerChannels returns the former keys of a channel by its present one.
	FormerChannels(channel bridge.ChannelKey) []bridge.ChannelKey
	// RenameChannel stores that a channel has a new key. Former keys of from lead to the new one, too. It returns false
	// if that is known already.
	RenameChannel(ctx context.Context, from, to bridge.ChannelKey) (renamed bool, err error)
	// Holds reports whether anything is stored under the key of a thread.
	Holds(ctx context.Context, thread bridge.ThreadKey) (bool, error)
}

// noAliases is for an App without a store, which only checks the configuration.
type noAliases struct{}

func (noAliases) CurrentChannel(channel bridge.ChannelKey) bridge.ChannelKey { return channel }

func (noAliases) FormerChannels(bridge.ChannelKey) []bridge.ChannelKey { return nil }

func (noAliases) RenameChannel(context.Context, bridge.ChannelKey, bridge.ChannelKey) (bool, error) {
	return false, nil
}

func (noAliases) Holds(context.Context, bridge.ThreadKey) (bool, error) { return false, nil }

// channelAliases translates between thread keys and the present ids of their channels.
type channelAliases struct{ Aliases }

// storedKey returns the key under which a thread is stored, by the key that an event names. In a channel that was never
// renamed it does not ask the store. The error is the store's.
func (a channelAliases) storedKey(ctx context.Context, thread bridge.ThreadKey) (bridge.ThreadKey, error) {
	all := a.channelKeys(thread.Channel())
	if len(all) == 1 {
		return thread, nil
	}
	for _, channel := range append([]bridge.ChannelKey{thread.Channel()}, all...) {
		key := rekeyed(thread, channel)
		if ok, err := a.Holds(ctx, key); err != nil || ok {
			return key, err
		}
	}
	return rekeyed(thread, all[0]), nil
}

// channelKeys returns all keys that a channel has or had, the present one first.
func (a channelAliases) channelKeys(channel bridge.ChannelKey) []bridge.ChannelKey {
	current := a.CurrentChannel(channel)
	return append([]bridge.ChannelKey{current}, a.FormerChannels(current)...)
}

// currentKey returns the thread's key with the present id of its channel. Events of a thread are handled in order by this
// key, so it is the same for all ids of the channel.
func (a channelAliases) currentKey(thread bridge.ThreadKey) bridge.ThreadKey {
	return rekeyed(thread, a.CurrentChannel(thread.Channel()))
}

// locationOf returns where calls to Slack find the thread now.
func (a channelAliases) locationOf(thread bridge.ThreadKey) (location, error) {
	return locationOf(a.currentKey(thread))
}

// channelIDs returns the ids that a thread's channel has or had, the present one first; none for a key that is none of
// ours.
func (a channelAliases) channelIDs(thread bridge.ThreadKey) []string {
	var ids []string
	for _, channel := range a.channelKeys(thread.Channel()) {
		if at, err := locationOf(rekeyed(thread, channel)); err == nil {
			ids = append(ids, at.channel)
		}
	}
	return ids
}

// rekeyed returns the thread's key in a channel with another key.
func rekeyed(thread bridge.ThreadKey, channel bridge.ChannelKey) bridge.ThreadKey {
	return bridge.ThreadKey(channel) + bridge.ThreadKey(strings.TrimPrefix(string(thread), string(thread.Channel())))
}
