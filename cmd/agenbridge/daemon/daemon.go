package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp"
	"github.com/agenbridge/agenbridge/slackapp/notes"
	"github.com/agenbridge/agenbridge/store"
)

// Options are what a test or a demo needs to run a daemon beside others in its
// own process. The zero value is production's, but for Log and Version.
type Options struct {
	// Version is told to both remotes, to the log and to the metrics; empty
	// means "dev".
	Version string
	// Log is where log lines go; nil for nowhere.
	Log io.Writer
	// SlackDial and AgenDial make the connections to the remotes, for
	// networks in memory; nil for the system's, by way of its proxy.
	SlackDial, AgenDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Probe and Admin are listened on instead of PROBE_ADDR and ADMIN_ADDR.
	// Run closes them.
	Probe, Admin net.Listener
	// LockWait is how long the store's lock is waited for; 0 means 30 s.
	LockWait time.Duration
	// NoSync leaves it to the operating system when the store reaches the
	// disk.
	NoSync bool
	// Disk is told of every commit of the store after the metrics were, and the
	// store waits for it, as for a disk that takes so long; nil for nobody.
	Disk store.Observer
	// Now is the clock that due times, ages and limits are measured with; nil
	// means time.Now. It has to run at the machine's speed, for timers do, but
	// may be ahead of it.
	Now func() time.Time
}

// devVersion is what a build is called that nobody named.
const devVersion = "dev"

// daemon is one run.
type daemon struct {
	cfg     Config
	opts    Options
	log     *slog.Logger
	metrics *metrics
	slack   *slackapp.App
	tokens  tokens
	watch   *watch
	// workspaces are the default one and those of the routes.
	workspaces []*workspace
	// copying is held while a backup is made.
	copying sync.Mutex

	// store and relay are there once the store is open.
	store atomic.Pointer[store.Store]
	relay atomic.Pointer[bridge.Relay]
}

// tokens are the Slack tokens in use; the Agen keys are in their clients.
type tokens struct {
	bot, app atomic.Pointer[agen.Secret]
}

// Run runs the bridge until ctx ends. It returns nil then, when everything has
// come to its end, and the reason when it can't start or go on: the store or
// an address can't be used. Remotes that can't be reached, or that refuse a
// credential, are no such reason: it keeps trying.
func Run(ctx context.Context, cfg Config, opts Options) error {
	d, err := newDaemon(cfg, opts)
	if err != nil {
		return errors.Join(err, closeAll(opts.Probe, opts.Admin))
	}
	probes, err := d.listen(ctx)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	serving, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	go func() {
		err := probes.serve()
		if err != nil {
			broken(err) // without probes nobody would know how it is
		}
		served <- err
	}()
	err = d.work(serving)
	return errors.Join(err, probes.close(), <-served)
}

func newDaemon(cfg Config, opts Options) (*daemon, error) {
	if opts.Version == "" {
		opts.Version = devVersion
	}
	if opts.Log == nil {
		opts.Log = io.Discard
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	d := &daemon{cfg: cfg, opts: opts, log: newLog(opts.Log, cfg)}
	d.tokens.bot.Store(&cfg.SlackBotToken)
	d.tokens.app.Store(&cfg.SlackAppToken)
	d.metrics = newMetrics(opts.Version, d)
	var err error
	if d.slack, err = slackapp.New(d.slackConfig()); err != nil {
		return nil, fmt.Errorf("set Slack up: %w", err)
	}
	if d.workspaces, err = newWorkspaces(d); err != nil {
		return nil, err
	}
	d.watch = newWatch(d)
	return d, nil
}

func (d *daemon) slackConfig() slackapp.Config {
	contextMessages := d.cfg.ContextMessages
	if contextMessages == 0 {
		contextMessages = -1 // to slackapp 0 is the default
	}
	return slackapp.Config{
		BotToken: func() string { return string(*d.tokens.bot.Load()) },
		AppToken: func() string { return string(*d.tokens.app.Load()) },
		APIURL:   string(d.cfg.SlackAPIURL), Connections: d.cfg.SlackConnections, Dial: d.opts.SlackDial,
		Gate: slackapp.Gate{
			AllowChannels: d.cfg.AllowChannels, AllowUsers: d.cfg.AllowUsers,
			AllowSharedChannels: d.cfg.AllowSharedChannels,
			AllowDMs:            d.cfg.AllowDMs, AllowGuests: d.cfg.AllowGuests, AllowExternal: d.cfg.AllowExternal,
		},
		Attribution: slackapp.Attribution(d.cfg.Attribution), ContextMessages: contextMessages,
		Notes: notes.Config{
			Contact: d.cfg.Contact, SessionURL: string(d.cfg.AgenSessionURL), RouteURLs: d.cfg.routeURLs(),
			Reactions: d.cfg.reactions(), Options: d.cfg.AllowOptions,
		},
		Version: d.opts.Version, Log: d.log, Observer: d.metrics,
	}
}

func (d *daemon) storeConfig() (store.Config, error) {
	path, err := store.ParseURL(string(d.cfg.StoreURL))
	if err != nil {
		return store.Config{}, err
	}
	release := d.opts.Version
	if release == devVersion { // two of these are not one program
		release += time.Now().Format(time.RFC3339Nano)
	}
	return store.Config{
		Release: release, Path: path, LockWait: d.opts.LockWait, Retention: d.cfg.Retention, Log: d.log, Observe: observers{d.metrics, d.opts.Disk},
		NoSync: d.opts.NoSync, Now: d.opts.Now,
	}, nil
}

func (d *daemon) relayConfig(s *store.Store) bridge.Config {
	routes := map[string]bridge.Route{}
	for _, w := range d.workspaces[1:] {
		r := d.cfg.Routes[w.route]
		routes[w.route] = bridge.Route{
			Agen:    w.client,
			Session: bridge.SessionOptions{Branch: r.AgenBranch, AutoCommit: r.AgenAutoCommit, Model: r.AgenModel},
		}
	}
	policy := d.cfg.policy()
	policy.Route = d.cfg.routeOf(d.slack.ChannelsOf)
	return bridge.Config{
		Intake: s, Lanes: s, Threads: s, Channels: s, Agen: d.workspaces[0].client, Slack: d.slack, Policy: policy, Routes: routes,
		Session: bridge.SessionOptions{
			Branch: d.cfg.AgenBranch, AutoCommit: d.cfg.AgenAutoCommit, Model: d.cfg.AgenModel,
		},
		Workers: d.cfg.Workers, Reads: float64(d.cfg.AgenRate), Grace: grace, Log: d.log, Observer: d.metrics,
		Now: d.opts.Now,
	}
}

// grace is how long steps under way may take when the daemon is stopped.
const grace = 8 * time.Second

func (c Config) policy() bridge.Policy {
	askAfter := c.AskAfter
	if askAfter == 0 {
		askAfter = -1 // to the bridge 0 is the default
	}
	return bridge.Policy{
		AskAfter: askAfter, Reactions: c.reactions(), PostLimit: slackapp.PostLimit,
		MessagesPerMinute: c.LimitPerUser, SessionsPerDay: c.LimitSessionsPerUser,
		MaxAge: c.MaxAge, WatchMax: c.WatchMax, Mirror: c.Mirror, Replies: bridge.Replies(c.Replies),
		Options: c.AllowOptions, LinkAny: c.AllowLink == "any",
	}
}

// reactions returns the emoji of each state.
func (c Config) reactions() map[bridge.ReactionKind]string {
	return map[bridge.ReactionKind]string{
		bridge.ReactionQueued: string(c.ReactionQueued), bridge.ReactionProcessing: string(c.ReactionProcessing),
		bridge.ReactionCompleted: string(c.ReactionCompleted), bridge.ReactionCanceled: string(c.ReactionCanceled),
		bridge.ReactionDelayed: string(c.ReactionDelayed), bridge.ReactionFailed: string(c.ReactionFailed),
		bridge.ReactionQuestion: string(c.ReactionQuestion), bridge.ReactionMerged: string(c.ReactionMerged),
	}
}

// work opens the store and runs the stages until ctx ends. The error is the
// reason why it can't start, or why it ended before.
func (d *daemon) work(ctx context.Context) (err error) {
	d.log.LogAttrs(ctx, slog.LevelInfo, "starting", slog.String("version", d.opts.Version),
		slog.String("go", runtime.Version()), slog.String("store", string(d.cfg.StoreURL)))
	for _, hint := range d.cfg.Hints {
		d.log.LogAttrs(ctx, slog.LevelWarn, "unknown variable", slog.String("name", hint.Name), slog.String("like", hint.Like))
	}
	config, err := d.storeConfig()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped while it waited for the lock
		}
		return fmt.Errorf("open the store: %w", err)
	}
	d.store.Store(s)
	d.slack.UseAliases(s)
	defer func() { err = errors.Join(err, s.Close()) }()
	relay := bridge.New(d.relayConfig(s))
	d.relay.Store(relay)
	stages := []stage{{"watch", d.watch.run}}
	if d.cfg.Backfill > 0 {
		stages = append(stages, stage{"sweeps", d.slack.NewBackfill(relay, s, d.cfg.Backfill).Run})
	}
	err = inOrder(ctx, d.log, append(stages,
		stage{"slack", func(ctx context.Context) error { return d.slack.Run(ctx, relay) }},
		stage{"relay", relay.Run},
		stage{"store", s.Run},
		stage{"limits", func(ctx context.Context) error { d.recall(ctx, s, relay); return nil }},
	)...)
	d.closeIdle()
	d.log.LogAttrs(ctx, slog.LevelInfo, "stopped")
	return err
}

// recall has the relay count the sessions of the last day, in its own time: a
// start isn't held up by it. It returns when ctx ends.
func (d *daemon) recall(ctx context.Context, s *store.Store, relay *bridge.Relay) {
	if d.cfg.LimitSessionsPerUser > 0 {
		opened, err := s.OpenedWithin(ctx, 24*time.Hour)
		if err != nil && ctx.Err() == nil {
			d.log.LogAttrs(ctx, slog.LevelWarn, "sessions of the last day are not counted", slog.Any("err", err))
		}
		relay.RestoreSessionCounts(opened)
	}
	<-ctx.Done()
}
