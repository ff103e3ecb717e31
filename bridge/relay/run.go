package relay

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// attempt takes a step. If the step panics, only the record that the step is about is
// affected.
func (r *Relay) attempt(ctx context.Context, claim *bridge.Claim, s schedule.Step) (decide bridge.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			decide, err = r.policy.AfterPanic(s), bridge.PanicFault(p)
		}
	}()
	if claim.Remote == bridge.ToAgen {
		return r.stepToAgen(ctx, claim, s)
	}
	return r.stepToSlack(ctx, claim, s)
}

// stepTimeout is the maximum duration of one step. It is shorter than a lease.
const stepTimeout = 30 * time.Second

// Run works on due lanes until ctx ends. Then it lets in-flight steps finish for up to
// Grace. It returns when all its goroutines have ended.
func (r *Relay) Run(ctx context.Context) error {
	steps, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abort(nil)
	stop := context.AfterFunc(ctx, func() {
		r.stopping.Store(true)
		timer := time.AfterFunc(r.cfg.Grace, func() { abort(bridge.ErrStopped) })
		context.AfterFunc(steps, func() { timer.Stop() })
	})
	defer stop()
	var loops sync.WaitGroup
	for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
		loops.Go(func() { r.loop(ctx, steps, remote) })
	}
	loops.Wait()
	return nil
}

// loop hands the due lanes of one remote to workers. Each remote has its own loop and
// workers, so a remote that hangs never blocks the other one. A lane is claimed only when
// a worker is free, so no lease expires while its lane waits for a worker.
func (r *Relay) loop(ctx, steps context.Context, remote bridge.Remote) {
	var workers sync.WaitGroup
	defer workers.Wait()
	claims := make(chan *bridge.Claim)
	defer close(claims)
	free := make(chan struct{}, r.cfg.Workers)
	started := 0
	monitor := r.loops[remote]
	defer monitor.stopped()
	for {
		monitor.now(LoopWaitsForWorker)
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
		case claims <- claim: // a worker is idle
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

// nextClaim waits until a lane is due and claims it. It returns nil when ctx ends.
func (r *Relay) nextClaim(ctx context.Context, remote bridge.Remote) *bridge.Claim {
	monitor := r.loops[remote]
	for ctx.Err() == nil {
		monitor.now(LoopTurns)
		if wait, changed := r.cfg.Lanes.Due(remote); wait > 0 {
			r.wait(ctx, min(wait, turnEvery), changed)
			continue
		}
		monitor.now(LoopWaitsForStore)
		claim, err := r.cfg.Lanes.Claim(ctx, remote)
		switch {
		case claim != nil:
			return claim
		case err != nil && ctx.Err() == nil:
			r.log.LogAttrs(ctx, slog.LevelError, "claim a lane", slog.String("remote", string(remote)), slog.Any("err", err))
			r.wait(ctx, time.Second, nil) // a broken disk must not cause a busy loop
		}
	}
	return nil
}

// turnEvery is the maximum time between two iterations of an idle loop. It lets the
// liveness probe distinguish a stuck loop from an idle one.
const turnEvery = 20 * time.Second

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

// Step claims the lane of the remote that has been due longest and takes its next step.
// It returns false if no lane is due. A simulator uses it instead of Run.
func (r *Relay) Step(ctx context.Context, remote bridge.Remote) (bool, error) {
	claim, err := r.cfg.Lanes.Claim(ctx, remote)
	if claim == nil || err != nil {
		return false, err
	}
	r.work(ctx, claim)
	return true, nil
}

// work takes the next step of a lane and settles the lane.
func (r *Relay) work(ctx context.Context, claim *bridge.Claim) {
	s, ok := schedule.Next(claim.State, claim.Remote, claim.At.Now)
	if !ok {
		r.settle(ctx, claim, s, nil)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	started := r.cfg.Now()
	decide, err := r.attempt(ctx, claim, s)
	took := r.cfg.Now().Sub(started)
	fault := bridge.FaultClass("")
	if err != nil {
		fault = bridge.ClassOf(err)
	}
	r.observ.StepDone(claim.Remote, s.Kind, fault, took)
	if fault == bridge.ClassPanic {
		r.reportPanic(ctx, "step", claim, s, err)
	} else {
		r.logStep(ctx, claim, s, fault, err, took)
	}
	if fault == bridge.ClassNotInChannel {
		r.pauseChannel(context.WithoutCancel(ctx), claim)
	}
	r.settle(context.WithoutCancel(ctx), claim, s, decide)
	r.wake(context.WithoutCancel(ctx), claim, err)
}

// logStep logs one step: Warn if it failed for good, which the thread shows as well, and
// Debug otherwise.
func (r *Relay) logStep(ctx context.Context, claim *bridge.Claim, s schedule.Step, fault bridge.FaultClass, err error, took time.Duration) {
	level := slog.LevelDebug
	switch fault {
	case bridge.ClassRejected, bridge.ClassForbidden, bridge.ClassUnsure, bridge.ClassConflict, bridge.ClassBlocked, bridge.ClassFormRefused, bridge.ClassThreadDeleted:
		level = slog.LevelWarn
	default:
	}
	if !r.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)),
		slog.String("step", string(s.Kind)), slog.String("delivery", s.ID), slog.Float64("took_ms", took.Seconds()*1e3),
	}
	if err != nil {
		attrs = append(attrs, slog.String("class", string(fault)), slog.Any("err", err))
	}
	r.log.LogAttrs(ctx, level, "step", attrs...)
}
