package slackapp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// Scope is a permission of the bot token (https://docs.slack.dev/reference/scopes).
type Scope struct {
	Name string
	// Reason says what it is for, to the person who approves the app.
	Reason string
	// Optional says that without it one feature is missing and everything else works.
	Optional bool
}

// NeededScopes returns the scopes that the app asks for. The manifest has the same ones.
func NeededScopes() []Scope {
	return []Scope{
		{Name: "app_mentions:read", Reason: "hear when somebody mentions the app"},
		{Name: "channels:history", Reason: "hear replies in channels, and read threads"},
		{Name: "groups:history", Reason: "the same in private channels"},
		{Name: "im:history", Reason: "the same in direct messages"},
		{Name: "mpim:history", Reason: "the same in group messages"},
		{Name: "channels:read", Reason: "see whether a channel is shared with another organization"},
		{Name: "groups:read", Reason: "the same of private channels"},
		{Name: "im:read", Reason: "the same of direct messages"},
		{Name: "mpim:read", Reason: "the same of group messages"},
		{Name: "chat:write", Reason: "answer in threads"},
		{Name: "reactions:write", Reason: "show with a reaction where a message stands"},
		{Name: "users:read", Reason: "names for the agent, and who is a guest, an outsider or an app"},
		{Name: "files:read", Reason: "the text of snippets and small text files", Optional: true},
		{Name: "usergroups:read", Reason: "names of user groups, and user groups in ALLOW_USERS", Optional: true},
	}
}

// Events returns the bot events that the app subscribes to (https://docs.slack.dev/reference/events). The manifest has the
// same ones.
func Events() []string {
	return []string{
		"app_mention", "message.channels", "message.groups", "message.im", "message.mpim",
		"member_joined_channel", "channel_left", "group_left",
		"channel_archive", "channel_unarchive", "group_archive", "group_unarchive", "channel_id_changed",
	}
}

// scopesIn returns the token's scopes, which are in the header of each response
// (https://docs.slack.dev/authentication/installing-with-oauth).
func scopesIn(head http.Header) []string {
	var scopes []string
	for s := range strings.SplitSeq(head.Get("X-Oauth-Scopes"), ",") {
		if s = slackjson.Code(strings.TrimSpace(s)); s != "" {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// missingScopes returns the scopes that the app asks for and the token does not have.
func missingScopes(granted []string) []Scope {
	var missing []Scope
	for _, s := range NeededScopes() {
		if !slices.Contains(granted, s.Name) {
			missing = append(missing, s)
		}
	}
	return missing
}
