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

// Process is a running bridge. Kill ends it with SIGKILL, Stop shuts it down gracefully. Both return when it has ended.
type Process interface {
	Kill() error
	Stop() error
}

// AgenSwitch makes Agen reachable or unreachable. While it is closed, connections to Agen are refused.
type AgenSwitch interface {
	Open(ctx context.Context) error
	Close()
}

// Config configures a Playground. All fields are required.
type Config struct {
	// Slack and Agen are the two servers, configured by SlackConfig and AgenConfig.
	Slack *slacktest.Server
	Agen  *agentest.Server
	// AgenSwitch must be open at first.
	AgenSwitch AgenSwitch
	// Start starts the bridge. It calls died once, on any goroutine, if the bridge ends by itself.
	Start func(died func(error)) (Process, error)
}

// SlackConfig configures a Slack for the page. It redelivers sooner and more often than the real one, so that nobody
// has to wait for minutes.
func SlackConfig() slacktest.Config {
	return slacktest.Config{
		BotName: "Agen", KeepRequests: keepCalls,
		RetryDelays: []time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second,
			time.Minute, time.Minute, time.Minute, time.Minute, 5 * time.Minute, 5 * time.Minute,
		},
	}
}

// AgenConfig configures an Agen for the page.
func AgenConfig() agentest.Config {
	return agentest.Config{KeepRequests: keepCalls, Agent: agentest.Agent{Pause: pause, Script: script}}
}

// Playground is the page and its server.
type Playground struct {
	cfg     Config
	board   *board
	bridge  *bridge
	faults  *faultInjector
	place   place
	shown   shown
	changed chan struct{} // has room for one: something is to be looked at
}

// New adds the people and the channels. Nothing runs before Run.
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

// Run starts the bridge and serves the page on l until ctx ends. When it returns, the bridge and everything else that
// it started have stopped. The error is nil if ctx ended it.
func (p *Playground) Run(ctx context.Context, l net.Listener) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if err := p.bridge.Start(); err != nil {
		return errors.Join(err, l.Close())
	}
	var running sync.WaitGroup
	running.Go(func() { p.look(ctx) })
	// The two waits end with ctx, which is not an error.
	running.Go(func() { _ = p.cfg.Slack.Wait(ctx, "the end", p.poked) })
	running.Go(func() { _ = p.cfg.Agen.Wait(ctx, p.poked) })
	srv := &http.Server{
		Handler: p.handler(l.Addr()), ReadHeaderTimeout: writeTime, ReadTimeout: time.Minute, IdleTimeout: time.Minute,
		// Requests of viewers last as long as the server does.
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

// poke schedules a look at the servers.
func (p *Playground) poke() {
	select {
	case p.changed <- struct{}{}:
	default: // it will be
	}
}

// poked is a condition that never holds. The servers evaluate it after every change.
func (p *Playground) poked() bool {
	p.poke()
	return false
}

const (
	// breath is how long changes are collected.
	breath = 40 * time.Millisecond
	// glance is how often the servers are read without a change, because some of the page depends on the time alone.
	glance = 5 * time.Second
)

// look updates the board after changes, until ctx ends.
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

// sleep waits for d. It returns false if ctx ended first.
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
