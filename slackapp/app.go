package slackapp

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/socketmode"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// App is our Slack app. Run receives events, and the methods of bridge.Slack post and ask. They may be called from any
// goroutine, also before Run and after it.
type App struct {
	cfg       Config
	log       *slog.Logger
	obs       Observer
	api       *webapi.Client
	sockets   *socketmode.Client
	gate      *gate
	auth      *authenticator
	directory *directory
	health    *health
	// aliases is set by UseAliases and never after that.
	aliases channelAliases
	// backlog is nil until NewBackfill was called.
	backlog atomic.Pointer[backlog]
}

// New returns an App. It makes no call yet; the error says what is wrong with the configuration.
func New(cfg Config) (*App, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &App{
		cfg: cfg, log: cfg.Log, obs: cfg.Observer, gate: newGate(cfg.Gate), aliases: channelAliases{noAliases{}},
		health: newHealth(cfg.Log),
	}
	a.api = webapi.NewClient(webapi.Config{
		URL: cfg.APIURL, UserAgent: "agenbridge/" + cmp.Or(cfg.Version, "dev"), Token: cfg.BotToken, Dial: cfg.Dial,
		Observer: callObserver{obs: cfg.Observer, health: a.health},
	})
	a.auth = newAuthenticator(a.api, a.health)
	a.directory = newDirectory(a.api)
	address := func(ctx context.Context) (string, error) { return socketAddress(ctx, cfg, a.api) }
	a.sockets = socketmode.New(socketmode.Config{
		Connections: cfg.Connections, Address: address, Backoff: webapi.Backoff, Dial: cfg.Dial, Log: cfg.Log,
		Observer: socketObserver{obs: cfg.Observer, backlog: &a.backlog},
	})
	return a, nil
}

// UseAliases has the App follow renamed channels. It is to be called before anything else; without it, every channel
// has one id only.
func (a *App) UseAliases(aliases Aliases) { a.aliases = channelAliases{aliases} }

// ChannelsOf returns the ids that a thread's channel has or had, the present one first; none for a key that is none of
// ours.
func (a *App) ChannelsOf(thread bridge.ThreadKey) []string { return a.aliases.channelIDs(thread) }

// Status returns the state of our side of Slack.
func (a *App) Status() Status {
	s := a.health.status()
	s.Status = a.sockets.Status()
	return s
}

// RefreshIdentity asks Slack who we are and which scopes we have, and updates Status. The error is a Fault.
func (a *App) RefreshIdentity(ctx context.Context) error {
	_, _, err := a.auth.test(ctx)
	return webapi.AsFault(err)
}

// slackGo is slack-go for calls that write. Its requests go through our Client. The token is read each time, because it
// may have been replaced.
func (a *App) slackGo() *slack.Client {
	return slack.New(a.cfg.BotToken(), slack.OptionHTTPClient(a.api), slack.OptionAPIURL(a.cfg.APIURL))
}
