package relay

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// Config configures a Relay. The zero value of an optional field is its documented
// default.
type Config struct {
	// Intake and Lanes are the store.
	Intake  bridge.Intake
	Lanes   bridge.Lanes
	Threads bridge.Threads
	// Channels is the store, too; nil if channels are never left.
	Channels bridge.Channels
	// Agen and Slack are the two remotes.
	Agen  bridge.Agen
	Slack bridge.Slack
	// Policy has the operator's settings.
	Policy policy.Policy
	// Session is how sessions are opened.
	Session bridge.SessionOptions
	// Routes are the Agen workspaces besides that of Agen and Session, by the
	// names that Policy.Route gives.
	Routes map[string]Route
	// Workers is how many steps may run at once for each remote; 0 means 16.
	Workers int
	// Reads is how many timelines may be read per second, for all threads of a route
	// together; 0 means 5.
	Reads float64
	// Grace is how long running steps may take after the relay is stopped; 0 means 8 s.
	Grace time.Duration
	// Log is the logger; nil discards everything.
	Log *slog.Logger
	// Observer counts events; nil counts nothing.
	Observer Observer
	// Now is the clock for limits; nil means time.Now.
	Now func() time.Time
}

// Relay moves messages from threads to sessions, and the agent's messages back.
type Relay struct {
	cfg    Config
	policy *policy.Policy
	log    *slog.Logger
	observ Observer
	limits *limits
	// The maps themselves never change.
	routes map[string]*route
	slack  *breaker
	loops  map[bridge.Remote]*loopMonitor
	// stopping is true during the shutdown: messages are still accepted, but no new
	// step begins.
	stopping atomic.Bool
	unstored unstoredCalls
}

// New returns a relay. It does nothing until Run or Step is called.
func New(cfg Config) *Relay {
	if cfg.Workers <= 0 {
		cfg.Workers = 16
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 8 * time.Second
	}
	if cfg.Policy.Reactions == nil {
		cfg.Policy.Reactions = bridge.DefaultReactions()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Relay{cfg: cfg, policy: &cfg.Policy, log: cfg.Log, observ: cfg.Observer, limits: newLimits(&cfg.Policy), slack: newBreaker(cfg.Now, 0)}
	r.loops = map[bridge.Remote]*loopMonitor{bridge.ToAgen: {}, bridge.ToSlack: {}}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.routes = map[string]*route{"": newRoute("", Route{Agen: cfg.Agen, Session: cfg.Session}, &cfg, r.log)}
	for name, one := range cfg.Routes {
		r.routes[name] = newRoute(name, one, &cfg, r.log)
	}
	if r.observ == nil {
		r.observ = discardObserver{}
	}
	return r
}
