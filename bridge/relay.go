package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// stepTimeout bounds one step; shorter than a lease.
const stepTimeout = 30 * time.Second

// Config is what a Relay is made of. The zero value of what is optional is
// its documented default.
type Config struct {
	// Intake and Lanes are the store.
	Intake  Intake
	Lanes   Lanes
	Threads Threads
	// Channels is the store, too; nil where no channel is left.
	Channels Channels
	// Agen and Slack are the two remotes.
	Agen  Agen
	Slack Slack
	// Policy is what the operator decided.
	Policy Policy
	// Session is how sessions are opened.
	Session SessionOptions
	// Routes are the Agen workspaces besides that of Agen and Session, by the
	// names that Policy.Route gives.
	Routes map[string]Route
	// Workers is how many steps may be under way to each remote; 0 means 16.
	Workers int
	// Reads is how many timelines are read in a second, all threads of a route
	// together; 0 means 5.
	Reads float64
	// Grace is how long steps that are under way may take when the relay is
	// stopped; 0 means 8 s.
	Grace time.Duration
	// Log is where the relay tells what it does; nil for nowhere.
	Log *slog.Logger
	// Observer counts; nil for nobody.
	Observer Observer
	// Now is the clock that limits are measured with; nil means time.Now.
	Now func() time.Time
}

// Route is an Agen workspace: threads that go to it go nowhere else.
type Route struct {
	// Agen has the workspace's key.
	Agen Agen
	// Session is how sessions are opened in it.
	Session SessionOptions
}

// SessionOptions are how sessions are opened.
type SessionOptions struct {
	// Branch is the branch to start from; empty lets Agen choose.
	Branch string
	// AutoCommit lets the agent commit by itself.
	AutoCommit bool
	// Model is the agent's model; empty lets Agen choose.
	Model string
}

// Observer counts what the relay does. Its methods are called from many
// goroutines and must not block.
type Observer interface {
	// StepDone tells of one step: its kind, the class of its fault (empty when
	// there was none) and how long it took.
	StepDone(remote Remote, kind StepKind, fault FaultClass, took time.Duration)
	// Audited tells of one act by its name.
	Audited(name string)
	// Received tells of something that came in; ignored is the reason where
	// nothing came of it.
	Received(ignored string)
	// PanicCaught tells of a panic that was caught: in a "step" or in a "decision".
	PanicCaught(where string)
}

// Relay moves messages from threads to sessions and what comes of them back.
type Relay struct {
	cfg    Config
	policy *Policy
	log    *slog.Logger
	observ Observer
	limits *limits
	// The maps themselves never change.
	routes   map[string]*route
	lastTurn map[Remote]*atomic.Int64 // unix nanoseconds
	// stopping: what comes in is still accepted, but no step follows any more.
	stopping atomic.Bool
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
		cfg.Policy.Reactions = DefaultReactions()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Relay{cfg: cfg, policy: &cfg.Policy, log: cfg.Log, observ: cfg.Observer, limits: newLimits(&cfg.Policy)}
	r.lastTurn = map[Remote]*atomic.Int64{ToAgen: new(atomic.Int64), ToSlack: new(atomic.Int64)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.routes = map[string]*route{"": r.newRoute("", Route{Agen: cfg.Agen, Session: cfg.Session})}
	for name, one := range cfg.Routes {
		r.routes[name] = r.newRoute(name, one)
	}
	if r.observ == nil {
		r.observ = discardObserver{}
	}
	return r
}

// discardObserver observes.
type discardObserver struct{}

func (discardObserver) StepDone(Remote, StepKind, FaultClass, time.Duration) {}
func (discardObserver) Audited(string)                                       {}
func (discardObserver) Received(string)                                      {}
func (discardObserver) PanicCaught(string)                                   {}

// Run works on what is due until ctx ends; then it lets the steps under way
// finish, for Grace at most, and returns when all its goroutines have.
func (r *Relay) Run(ctx context.Context) error {
	steps, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abort(nil)
	stop := context.AfterFunc(ctx, func() {
		r.stopping.Store(true)
		timer := time.AfterFunc(r.cfg.Grace, func() { abort(errStopped) })
		context.AfterFunc(steps, func() { timer.Stop() })
	})
	defer stop()
	var loops sync.WaitGroup
	for _, remote := range []Remote{ToAgen, ToSlack} {
		loops.Go(func() { r.loop(ctx, steps, remote) })
	}
	loops.Wait()
	return nil
}

var errStopped = errors.New("stopped in the middle of a step")

// loop hands the due lanes of one remote to workers. Each remote has its own,
// so that one that hangs never stops the other. A lane is claimed only when
// there is a worker for it, so no lease runs while it waits.
func (r *Relay) loop(ctx, steps context.Context, remote Remote) {
	var workers sync.WaitGroup
	defer workers.Wait()
	claims := make(chan *Claim)
	defer close(claims)
	free := make(chan struct{}, r.cfg.Workers)
	started := 0
	for {
		r.lastTurn[remote].Store(time.Now().UnixNano())
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		claim := r.nextClaim(ctx, remote)
		if claim == nil {
			return
		}
		select {
		case claims <- claim: // somebody is idle
			continue
		default:
		}
		if started < r.cfg.Workers {
			started++
			workers.Go(func() {
				for claim := range claims {
					r.work(steps, claim)
					<-free
				}
			})
		}
		claims <- claim
	}
}

// nextClaim waits until a lane is due and claims it; nil when ctx ends.
func (r *Relay) nextClaim(ctx context.Context, remote Remote) *Claim {
	for ctx.Err() == nil {
		r.lastTurn[remote].Store(time.Now().UnixNano())
		if wait, changed := r.cfg.Lanes.Due(remote); wait > 0 {
			r.wait(ctx, min(wait, turnEvery), changed)
			continue
		}
		claim, err := r.cfg.Lanes.Claim(ctx, remote)
		switch {
		case claim != nil:
			return claim
		case err != nil && ctx.Err() == nil:
			r.log.LogAttrs(ctx, slog.LevelError, "claim a lane", slog.String("lane", string(remote)), slog.Any("err", err))
			r.wait(ctx, time.Second, nil) // a broken disk must not make it spin
		}
	}
	return nil
}

// turnEvery is how often a loop turns at least, so that one that is stuck can
// be told from one that has nothing to do.
const turnEvery = 20 * time.Second

// LastTurn tells when the loop of the remote last turned; zero before Run.
func (r *Relay) LastTurn(remote Remote) time.Time {
	n := r.lastTurn[remote].Load()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// wait returns after d, when changed is closed, or when ctx ends.
func (r *Relay) wait(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer.C:
	}
}

// Step claims the lane of the remote that is due longest and does its next
// step; false when none is due. It is Run in single steps, for a simulator.
func (r *Relay) Step(ctx context.Context, remote Remote) (bool, error) {
	claim, err := r.cfg.Lanes.Claim(ctx, remote)
	if claim == nil || err != nil {
		return false, err
	}
	r.work(ctx, claim)
	return true, nil
}

// work does the next step of a lane and gives it back.
func (r *Relay) work(ctx context.Context, claim *Claim) {
	s, ok := claim.State.next(claim.Remote, claim.At.Now)
	if !ok {
		r.settle(ctx, claim, s, nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	started := r.cfg.Now()
	decide, err := r.attempt(ctx, claim, s)
	took := r.cfg.Now().Sub(started)
	fault := FaultClass("")
	if err != nil {
		fault = classOf(err)
	}
	r.observ.StepDone(claim.Remote, s.kind, fault, took)
	if fault == ClassPanic {
		r.reportPanic(ctx, "step", claim, s, err)
	} else {
		r.logStep(ctx, claim, s, fault, err, took)
	}
	if fault == ClassNotInChannel {
		r.pauseChannel(context.WithoutCancel(ctx), claim)
	}
	r.settle(context.WithoutCancel(ctx), claim, s, decide)
}

// logStep logs a step. What failed for good is a warning: the thread shows it
// too. What will be tried again is a matter for whoever debugs.
func (r *Relay) logStep(ctx context.Context, claim *Claim, s step, fault FaultClass, err error, took time.Duration) {
	level := slog.LevelDebug
	switch fault {
	case ClassRejected, ClassForbidden, ClassUnsure, ClassConflict:
		level = slog.LevelWarn
	default:
	}
	if !r.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("thread", string(claim.Thread)), slog.String("lane", string(claim.Remote)),
		slog.String("step", string(s.kind)), slog.String("delivery", s.row), slog.Float64("took_ms", took.Seconds()*1e3),
	}
	if err != nil {
		attrs = append(attrs, slog.String("class", string(fault)), slog.Any("err", err))
	}
	r.log.LogAttrs(ctx, level, "step", attrs...)
}
