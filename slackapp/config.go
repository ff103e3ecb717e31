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

// Token returns a Slack token. It is called before every call of the Web API, so that a new token is used as soon as it
// returns it. It may be called from any goroutine.
type Token func() string

// FixedToken returns a Token that never changes.
func FixedToken(token string) Token { return func() string { return token } }

// String hides the token from package fmt.
func (Token) String() string { return "[redacted]" }

// LogValue hides the token from package slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Attribution says whether the agent is told who wrote a message.
type Attribution string

// The values of Attribution. The zero value means AttributeAlways.
const (
	AttributeAlways Attribution = "always"
	AttributeNever  Attribution = "never"
)

// Gate says who may use the bot, and where. The zero value allows every full member of the workspace, in every channel
// that the bot was invited to and that isn't shared with another organization, but not in direct messages.
type Gate struct {
	// AllowChannels are the ids of the only channels in which the bot may be used; empty means all. They don't restrict
	// direct messages.
	AllowChannels []string
	// AllowUsers are the ids of the only people (U…, W…) and user groups (S…) that may use the bot; empty means
	// all.
	AllowUsers []string
	// AllowSharedChannels are channels shared with another organization in which the bot may be used nevertheless. The
	// other organization can read the answers there.
	AllowSharedChannels []string
	// AllowDMs allows direct messages, AllowGuests allows guests, AllowExternal allows people of other organizations.
	AllowDMs, AllowGuests, AllowExternal bool
}

// Config is the configuration of an App. Only the tokens are required.
type Config struct {
	// BotToken (xoxb-) is for the Web API, AppToken (xapp-) opens the sockets.
	BotToken, AppToken Token
	// APIURL is the base of the Web API. The default is https://slack.com/api/.
	APIURL string
	// Connections is the number of sockets kept open. The default is 2, the maximum 10
	// (https://docs.slack.dev/apis/events-api/using-socket-mode).
	Connections int
	// Dial opens every network connection, of the Web API and of the sockets. The default is the system's dialer, through
	// the proxy that the environment names. With another Dial no proxy is used.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Gate says who may use the bot, and where.
	Gate Gate
	// Attribution says whether the agent is told who wrote a message.
	Attribution Attribution
	// ContextMessages is how many of a thread's messages before the first mention the prompt quotes, besides the root. The
	// default is 50; a negative number means none, not even the root.
	ContextMessages int
	// ContextChars limits the background, in characters. No message is cut: the root always goes along, and then the newest
	// messages that fit. The default is 40,000.
	ContextChars int
	// Notes is the configuration of the notes. Its Earlier is set from ContextMessages.
	Notes notes.Config
	// Version is named in the User-Agent.
	Version string
	// Log is the logger. By default nothing is logged.
	Log *slog.Logger
	// Observer is told what to count. By default nothing is counted.
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
	if c.ContextChars == 0 {
		c.ContextChars = 40_000
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
