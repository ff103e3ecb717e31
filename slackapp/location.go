package slackapp

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// location is where something stands in Slack.
type location struct {
	channel string
	// root is the ts of the thread's first message; empty for the channel itself.
	root string
}

// key names the place for the bridge: team/channel/root. The team is the one that installed the app and not what the
// event says: Slack names different ones for the same message (the host of a shared channel, the workspace of the
// person who clicked), while the id of a channel is unique by itself. It keeps apart the state of two installations.
func (p location) key(team string) bridge.ThreadKey {
	return bridge.ThreadKey(team + "/" + p.channel + "/" + p.root)
}

// link is where people find the place in the workspace with the URL
// (https://docs.slack.dev/reference/methods/chat.getPermalink); empty where that can't be told.
func (p location) link(workspace string) string {
	if !strings.HasPrefix(workspace, "https://") || !strings.HasSuffix(workspace, "/") || strings.ContainsAny(workspace, "|<>^ ") {
		return ""
	}
	return workspace + "archives/" + p.channel + "/p" + strings.ReplaceAll(p.root, ".", "")
}

// channelKey is what the keys of a channel's threads begin with.
func channelKey(team, channel string) bridge.ChannelKey {
	return bridge.ChannelKey(location{channel: channel}.key(team))
}

// locationOf reads a key that was made here.
func locationOf(key bridge.ThreadKey) (location, error) {
	_, rest, _ := strings.Cut(string(key), "/")
	channel, root, ok := strings.Cut(rest, "/")
	if !ok || !validID(channel) || root != "" && !bridge.ValidTS(root) {
		return location{}, &bridge.Fault{Class: bridge.ClassRejected, Err: fmt.Errorf("read thread key %q: not one of ours", key)}
	}
	return location{channel: channel, root: root}, nil
}

// validID reports whether s can be the id of a person, channel, group or team.
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

// eventContext is where a message was said, as far as the message itself doesn't tell.
type eventContext struct {
	channel, channelType string
	shared               bool
	appID                string
}

// direct reports whether it is a direct message with the bot. An app_mention doesn't name its channel's type.
func (s eventContext) direct() bool {
	if s.channelType == "" {
		return strings.HasPrefix(s.channel, "D")
	}
	return s.channelType == "im" || s.channelType == "app_home"
}
