package slackapp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/notes"
)

// Token is where a Slack token comes from. It is asked before every call, so that a token that was exchanged in its
// file is used as soon as the source returns it. It may be called from any goroutine.
type Token func() string

// FixedToken is a token that never changes.
func FixedToken(token string) Token { return func() string { return token } }

// String hides the token from every way of printing it.
func (Token) String() string { return "[redacted]" }

// LogValue hides the token from the log.
func (Token) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Attribution says whether the agent is told who wrote a message.
type Attribution string

// The ways of attributing. The zero value is AttributeAlways.
const (
	AttributeAlways Attribution = "always"
	AttributeNever  Attribution = "never"
)

// Gate is who may use the bot, and where. The zero value is every full member of the workspace, in every channel of
// the workspace's own that the bot was invited to; direct messages must be allowed.
type Gate struct {
	// AllowChannels are the ids of the only channels in which the bot acts; empty means all. Direct messages are not
	// among them.
	AllowChannels []string
	// AllowUsers are the ids of the only people (U…, W…) and user groups (S…) that may use it; empty means all.
	AllowUsers []string
	// AllowSharedChannels are the channels shared with another organisation in which it acts all the same: what it
	// answers there can be read by the others.
	AllowSharedChannels []string
	// AllowDMs lets people talk to it in direct messages, AllowGuests lets guests use it, AllowExternal people of
	// other organisations.
	AllowDMs, AllowGuests, AllowExternal bool
}

// Config says which Slack, with which tokens, for whom. Only the tokens are required.
type Config struct {
	// BotToken (xoxb-) is for the Web API, AppToken (xapp-) opens the sockets.
	BotToken, AppToken Token
	// APIURL is the base of the Web API. Default https://slack.com/api/.
	APIURL string
	// Connections is the number of sockets kept open. Default 2, at most 10
	// (https://docs.slack.dev/apis/events-api/using-socket-mode).
	Connections int
	// Dial makes every network connection, of the Web API and of the sockets. Default is the system's dialer, by way
	// of the proxy that the environment names; a Dial of one's own is used as it is, without a proxy.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Gate is who may use the bot, and where.
	Gate Gate
	// Attribution says whether the agent is told who wrote a message.
	Attribution Attribution
	// ContextMessages is how many of a thread's messages before the first mention go along, besides its root.
	// Default 50; negative means none, not even the root.
	ContextMessages int
	// Notes is what the operator decided that only words need. Its Earlier is set from ContextMessages.
	Notes notes.Config
	// Version is named in the User-Agent.
	Version string
	// Log is where state changes are told. Default: nowhere.
	Log *slog.Logger
	// Observer counts. Default: nobody.
	Observer Observer
}

func (c Config) withDefaults() (Config, error) {
	if c.BotToken == nil || c.AppToken == nil {
		return c, errors.New("configure slack: a token source is missing")
	}
	if c.APIURL == "" {
		c.APIURL = "https://slack.com/api/"
	}
	if !strings.HasSuffix(c.APIURL, "/") {
		c.APIURL += "/"
	}
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" {
		return c, fmt.Errorf("configure slack: %q is not the URL of an API", c.APIURL)
	}
	if c.Connections == 0 {
		c.Connections = 2
	}
	if c.Connections < 1 || c.Connections > 10 {
		return c, fmt.Errorf("configure slack: %d connections, Slack allows 1 to 10", c.Connections)
	}
	if c.Attribution == "" {
		c.Attribution = AttributeAlways
	}
	if c.ContextMessages == 0 {
		c.ContextMessages = 50
	}
	c.Notes.Earlier = max(0, c.ContextMessages)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = noObserver{}
	}
	return c, nil
}
