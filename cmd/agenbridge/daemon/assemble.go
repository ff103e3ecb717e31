package daemon

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/project"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/agenbridge/agenbridge/slackapp"
	"github.com/agenbridge/agenbridge/slackapp/notes"
	"github.com/agenbridge/agenbridge/store"
)

// daemon holds the parts of one run.
type daemon struct {
	cfg         Config
	opts        Options
	log         *slog.Logger
	metrics     *metrics
	slack       *slackapp.App
	credentials *credentialWatch
	// workspaces are the default workspace and then those of the routes.
	workspaces []*workspace
	// copying is locked while a backup is made.
	copying sync.Mutex

	// store and relay are nil until the store is open.
	store atomic.Pointer[store.Store]
	relay atomic.Pointer[relay.Relay]
}

// newDaemon makes all parts except the store and the relay.
func newDaemon(cfg Config, opts Options) (*daemon, error) {
	opts = opts.withDefaults()
	d := &daemon{cfg: cfg, opts: opts, log: newLog(opts.Log, cfg), metrics: newMetrics(opts.Version, opts.Now)}
	d.credentials = newCredentialWatch(cfg, d.log)
	var err error
	if d.slack, err = slackapp.New(d.slackConfig()); err != nil {
		return nil, fmt.Errorf("set up Slack: %w", err)
	}
	if d.workspaces, err = newWorkspaces(cfg, opts, d.log, &d.relay); err != nil {
		return nil, err
	}
	d.credentials.slack, d.credentials.workspaces = d.slack, d.workspaces
	return d, nil
}

func (d *daemon) slackConfig() slackapp.Config {
	contextMessages := d.cfg.ContextMessages
	if contextMessages == 0 {
		contextMessages = -1 // to slackapp, 0 means the default
	}
	return slackapp.Config{
		BotToken: d.credentials.botToken, AppToken: d.credentials.appToken,
		APIURL: string(d.cfg.SlackAPIURL), Connections: d.cfg.SlackConnections, Dial: d.opts.SlackDial,
		Gate: slackapp.Gate{
			AllowChannels: d.cfg.AllowChannels, AllowUsers: d.cfg.AllowUsers,
			AllowSharedChannels: d.cfg.AllowSharedChannels,
			AllowDMs:            d.cfg.AllowDMs, AllowGuests: d.cfg.AllowGuests, AllowExternal: d.cfg.AllowExternal,
		},
		Attribution: slackapp.Attribution(d.cfg.Attribution), ContextMessages: contextMessages,
		ContextChars: d.cfg.ContextChars,
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
	// Two builds from modified sources may differ although they have the same version.
	if strings.HasPrefix(release, devVersion) || strings.Contains(release, "+") {
		release += time.Now().Format(time.RFC3339Nano)
	}
	return store.Config{
		Release: release, Path: path, LockWait: d.opts.LockWait, Retention: d.cfg.Retention, Log: d.log,
		Observe: storeObservers{d.metrics, d.opts.Disk}, NoSync: d.opts.NoSync, Now: d.opts.Now, Due: schedule.Due,
	}, nil
}

// grace is how long in-flight work may take when the daemon is stopped.
const grace = 8 * time.Second

func (d *daemon) relayConfig(s *store.Store) relay.Config {
	routes := map[string]relay.Route{}
	for _, w := range d.workspaces[1:] {
		r := d.cfg.Routes[w.route]
		routes[w.route] = relay.Route{
			Agen:    w.client,
			Session: bridge.SessionOptions{Branch: r.AgenBranch, AutoCommit: r.AgenAutoCommit, Model: r.AgenModel},
		}
	}
	policy := d.cfg.policy()
	policy.Route = d.cfg.routeOf(d.slack.ChannelsOf)
	return relay.Config{
		Intake: s, Lanes: s, Threads: s, Channels: s, Agen: d.workspaces[0].client, Slack: d.slack, Policy: policy, Routes: routes,
		Session: bridge.SessionOptions{
			Branch: d.cfg.AgenBranch, AutoCommit: d.cfg.AgenAutoCommit, Model: d.cfg.AgenModel,
		},
		Workers: d.cfg.Workers, Reads: float64(d.cfg.AgenRate), Grace: grace, Log: d.log, Observer: d.metrics,
		Now: d.opts.Now,
	}
}

func (c Config) policy() policy.Policy {
	askAfter := c.AskAfter
	if askAfter == 0 {
		askAfter = -1 // to the bridge, 0 means the default
	}
	return policy.Policy{
		Rules: outcome.Rules{
			Projector: project.Projector{PlainParts: slackapp.PlainParts, Reactions: c.reactions(), MaxAge: c.MaxAge, Replies: bridge.Replies(c.Replies)},
			WatchMax:  c.WatchMax,
		},
		AskAfter: askAfter, PostLimit: slackapp.PostLimit,
		MessagesPerMinute: c.LimitPerUser, SessionsPerDay: c.LimitSessionsPerUser, Mirror: c.Mirror,
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

// closeIdleConnections closes the connections to Agen that carry no request.
func (d *daemon) closeIdleConnections() {
	for _, w := range d.workspaces {
		w.client.CloseIdleConnections()
	}
}

// refusedKeys names the variables whose keys Agen refuses.
func (d *daemon) refusedKeys() []string {
	var names []string
	for _, w := range d.workspaces {
		if w.keyRefused() {
			names = append(names, w.variable)
		}
	}
	return names
}
