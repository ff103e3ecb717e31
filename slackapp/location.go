package slackapp

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// location is a thread, or a channel, in Slack.
type location struct {
	channel string
	// root is the ts of the thread's first message; empty for the channel itself.
	root string
}

// key returns the bridge's key of the location: team/channel/root. The team is the one that installed the app, so that the
// state of two installations is kept apart. It is not the one that an event names: for the same message Slack may name the
// host of a shared channel, or the workspace of the person who clicked. The id of a channel is unique by itself.
func (l location) key(team string) bridge.ThreadKey {
	return bridge.ThreadKey(team + "/" + l.channel + "/" + l.root)
}

// link returns a link to the location in the workspace with the given URL
// (https://docs.slack.dev/reference/methods/chat.getPermalink), or an empty string if the URL isn't one of Slack's form.
func (l location) link(workspace string) string {
	if !strings.HasPrefix(workspace, "https://") || !strings.HasSuffix(workspace, "/") || strings.ContainsAny(workspace, "|<>^ ") {
		return ""
	}
	return workspace + "archives/" + l.channel + "/p" + strings.ReplaceAll(l.root, ".", "")
}

// channelKey returns the bridge's key of a channel. The keys of its threads begin with it.
func channelKey(team, channel string) bridge.ChannelKey {
	return bridge.ChannelKey(location{channel: channel}.key(team))
}

// locationOf is the inverse of location.key. The error is a Fault.
func locationOf(key bridge.ThreadKey) (location, error) {
	_, rest, _ := strings.Cut(string(key), "/")
	channel, root, ok := strings.Cut(rest, "/")
	if !ok || !validID(channel) || root != "" && !bridge.ValidTS(root) {
		return location{}, &bridge.Fault{Class: bridge.ClassRejected, Err: fmt.Errorf("read thread key %q: not one of ours", key)}
	}
	return location{channel: channel, root: root}, nil
}

// validID reports whether s has the form of an id of a user, channel, user group or team.
func validID(s string) bool {
	if len(s) < 2 || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// eventContext is what an event says about where its message was posted.
type eventContext struct {
	channel, channelType string
	shared               bool
	appID                string
}

// direct reports whether the message is in a direct message with the bot. An app_mention has no channel type.
func (c eventContext) direct() bool {
	if c.channelType == "" {
		return strings.HasPrefix(c.channel, "D")
	}
	return c.channelType == "im" || c.channelType == "app_home"
}
