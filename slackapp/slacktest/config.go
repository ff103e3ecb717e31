package slacktest

import (
	"math/rand/v2"
	"time"
)

// Config is the configuration of a fake Slack. The zero value is a workspace "Acme" with one installed app that has every
// scope, no rate limits, and Slack's own deadlines.
type Config struct {
	// TeamID and TeamName name the workspace that installed the app. Default T0ACME, "Acme".
	TeamID, TeamName string
	// EnterpriseID is the Enterprise organization of the workspace; empty means none.
	EnterpriseID string
	// AppID, BotUserID, BotID and BotName name the app under test. Default A0AGEN, U0AGEN, B0AGEN, "agen".
	AppID, BotUserID, BotID, BotName string
	// BotToken and AppToken are the only tokens the server accepts. Default "xoxb-slacktest", "xapp-slacktest".
	BotToken, AppToken string
	// Scopes are the bot token's scopes, as in the x-oauth-scopes header. nil means AllScopes.
	Scopes []string
	// AppScopes are the app-level token's scopes. nil means connections:write.
	AppScopes []string
	// Events are the subscribed bot events ("message.channels", "app_mention"). nil means DefaultEvents.
	Events []string

	// WebSocketURL is the public base of the sockets, such as "wss://example.org/slack"; the path and the ticket are
	// appended. Empty means ws:// and the Host of the apps.connections.open request.
	WebSocketURL string
	// PublicURL is the base of file and response URLs. Empty means http:// and the Host of the newest request.
	PublicURL string

	// Seed makes every random choice (socket, order, fault probability, ids) repeatable. 0 is a seed like any other.
	Seed uint64
	// PingInterval is the time between the server's WebSocket pings. Default 10 s; negative means never.
	PingInterval time.Duration
	// AckTimeout is how long an envelope may stay without an acknowledgement. Default 3 s
	// (https://docs.slack.dev/apis/events-api#responding).
	AckTimeout time.Duration
	// RetryDelays are the waits between a missed acknowledgement and each redelivery. nil means at once, 1 min and
	// 5 min (https://docs.slack.dev/apis/events-api#retries); empty and not nil means never.
	RetryDelays []time.Duration
	// Offline says what happens to an event while no socket is open.
	Offline OfflinePolicy
	// StrictAcks refuses an acknowledgement that comes over another socket than its envelope went. Slack's rule is
	// not documented.
	StrictAcks bool
	// MaxSockets is the number of open sockets allowed. Default 10.
	MaxSockets int
	// SocketLife is how long a socket lives before Slack refreshes it: `warning` 10 s before, `refresh_requested` at
	// the end. 0 means forever (with debug_reconnects=true on the URL: 360 s).
	SocketLife time.Duration
	// CloseGrace is how long a socket stays open after a disconnect frame other than `warning`. Default 1 s.
	CloseGrace time.Duration

	// Limits are the rate limits by method; nil means none, SlackLimits gives Slack's.
	Limits map[string]Limit
	// HistoryLag keeps the app's own new posts out of history and replies for that long.
	HistoryLag time.Duration
	// ParentOnce returns the parent on the first page of conversations.replies only, instead of on every page.
	ParentOnce bool
	// CoarseEdits gives edited.ts in whole seconds, as Slack mostly does: two edits within one second have the same one.
	CoarseEdits bool

	// KeepRequests bounds the records of requests, deliveries and acknowledgements to that many each. 0 means all.
	KeepRequests int
	// Location is the zone for date tokens in renderings. nil means UTC.
	Location *time.Location
}

// OfflinePolicy says what happens to an event while no socket is open. Public sources contradict each other on this, so
// there are both policies.
type OfflinePolicy int

const (
	// OfflineRetry counts the attempt as missed: the event follows the RetryDelays.
	OfflineRetry OfflinePolicy = iota
	// OfflineDrop forgets the event.
	OfflineDrop
)

// AllScopes are the bot scopes that the server knows how to check
// (https://docs.slack.dev/reference/scopes).
func AllScopes() []string {
	return []string{
		"app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "files:read",
		"groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
		"reactions:read", "reactions:write", "team:read", "usergroups:read", "users:read",
	}
}

// DefaultEvents are the bot events an app that follows conversations subscribes to.
func DefaultEvents() []string {
	return []string{
		"app_mention", "message.channels", "message.groups", "message.im", "message.mpim",
		"member_joined_channel", "member_left_channel", "channel_left", "group_left", "channel_id_changed",
		"channel_archive", "channel_unarchive", "group_archive", "group_unarchive", "app_home_opened",
	}
}

func (c Config) withDefaults() Config {
	text := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	span := func(p *time.Duration, v time.Duration) {
		if *p == 0 {
			*p = v
		}
	}
	text(&c.TeamID, "T0ACME")
	text(&c.TeamName, "Acme")
	text(&c.AppID, "A0AGEN")
	text(&c.BotUserID, "U0AGEN")
	text(&c.BotID, "B0AGEN")
	text(&c.BotName, "agen")
	text(&c.BotToken, "xoxb-slacktest")
	text(&c.AppToken, "xapp-slacktest")
	if c.Scopes == nil {
		c.Scopes = AllScopes()
	}
	if c.AppScopes == nil {
		c.AppScopes = []string{"connections:write"}
	}
	if c.Events == nil {
		c.Events = DefaultEvents()
	}
	if c.RetryDelays == nil {
		c.RetryDelays = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	span(&c.PingInterval, 10*time.Second)
	span(&c.AckTimeout, 3*time.Second)
	span(&c.CloseGrace, time.Second)
	if c.MaxSockets == 0 {
		c.MaxSockets = 10
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	return c
}

func newRand(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x51ac))
}
