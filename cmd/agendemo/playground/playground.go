package playground

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// Process is a running bridge. Kill ends it as a power cut does, Stop in order; both return when it is gone.
type Process interface {
	Kill() error
	Stop() error
}

// AgenSwitch makes Agen reachable or not. While it is closed, connections to Agen are refused.
type AgenSwitch interface {
	Open(ctx context.Context) error
	Close()
}

// Config is what a Playground is made of.
type Config struct {
	// Slack and Agen are the two servers, as SlackConfig and AgenConfig want them.
	Slack *slacktest.Server
	Agen  *agentest.Server
	// AgenSwitch is open in the beginning.
	AgenSwitch AgenSwitch
	// Start starts the bridge. died is called, once and from anywhere, if it ends though nobody told it to.
	Start func(died func(error)) (Process, error)
}

// SlackConfig is the Slack that the page is made for. Redeliveries come sooner than Slack's, and more often, so that
// nobody has to wait for minutes.
func SlackConfig() slacktest.Config {
	return slacktest.Config{
		BotName: "Agen", KeepRequests: keepCalls,
		RetryDelays: []time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second,
			time.Minute, time.Minute, time.Minute, time.Minute, 5 * time.Minute, 5 * time.Minute,
		},
	}
}

// AgenConfig is the Agen that the page is made for.
func AgenConfig() agentest.Config {
	return agentest.Config{KeepRequests: keepCalls, Agent: agentest.Agent{Pause: pause, Script: script}}
}

// Playground is the page and what is behind it.
type Playground struct {
	cfg     Config
	board   *board
	bridge  *bridge
	faults  *faultInjector
	place   place
	shown   shown
	changed chan struct{} // has room for one: something is to be looked at
}

// New makes the people and the channels. Nothing runs before Run.
func New(cfg Config) (*Playground, error) {
	place, err := settle(cfg.Slack)
	if err != nil {
		return nil, fmt.Errorf("make the people and the channels: %w", err)
	}
	p := &Playground{cfg: cfg, board: newBoard(), place: place, shown: shown{}, changed: make(chan struct{}, 1)}
	p.bridge = &bridge{start: cfg.Start, changed: p.poke}
	p.faults = newFaultInjector(cfg)
	return p, nil
}

// Run starts the bridge and serves the page on l until ctx ends. When it returns the bridge has stopped, and so has
// everything else that it started. The error is nil when all ended well.
func (p *Playground) Run(ctx context.Context, l net.Listener) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if err := p.bridge.Start(); err != nil {
		return errors.Join(err, l.Close())
	}
	var running sync.WaitGroup
	running.Go(func() { p.look(ctx) })
	// The two waits end with ctx; that is no news.
	running.Go(func() { _ = p.cfg.Slack.Wait(ctx, "the end", p.poked) })
	running.Go(func() { _ = p.cfg.Agen.Wait(ctx, p.poked) })
	srv := &http.Server{
		Handler: p.handler(l.Addr()), ReadHeaderTimeout: writeTime, ReadTimeout: time.Minute, IdleTimeout: time.Minute,
		// Viewers stay for as long as the server does.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	running.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			end(fmt.Errorf("serve the page: %w", err))
		}
	})
	<-ctx.Done()
	errs := []error{p.bridge.Stop()}
	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	if err := srv.Shutdown(rest); err != nil {
		errs = append(errs, srv.Close())
	}
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// poke has the page looked at soon.
func (p *Playground) poke() {
	select {
	case p.changed <- struct{}{}:
	default: // it will be
	}
}

// poked is a condition that never holds: the servers ask for it after every change.
func (p *Playground) poked() bool {
	p.poke()
	return false
}

const (
	// breath is how long changes are gathered.
	breath = 40 * time.Millisecond
	// glance is how often is looked without a change: some things only time brings about.
	glance = 5 * time.Second
)

// look brings the board up to date after changes, until ctx ends.
func (p *Playground) look(ctx context.Context) {
	for {
		p.board.set(p.parts())
		if !sleep(ctx, breath) {
			return
		}
		timer := time.NewTimer(glance)
		select {
		case <-p.changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// sleep waits for d; false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
