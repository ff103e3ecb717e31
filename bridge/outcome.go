package bridge

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// settle applies what a step led to and gives the lane back.
func (r *Relay) settle(ctx context.Context, claim *Claim, s step, decide Decision) {
	var acts *[]AuditEvent
	if decide != nil {
		decide, acts = captureAudit(decide)
	}
	switch err := r.cfg.Lanes.Settle(ctx, claim, decide); {
	case errors.Is(err, ErrChanged), errors.Is(err, ErrLost):
		r.log.LogAttrs(ctx, slog.LevelDebug, "outcome is out of date",
			slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
		r.leaseLost(ctx, claim, s)
	case errors.Is(err, ClassPanic):
		r.recoverPanic(ctx, claim, s, err)
	case err != nil:
		r.log.LogAttrs(ctx, slog.LevelError, "store an outcome",
			slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
		r.leaseLost(ctx, claim, s)
	case acts != nil:
		r.audit(ctx, claim.Thread, *acts)
	}
}

// leaseLost notes that a call whose outcome could not be stored may have left
// until now: with a slow disk that is much later than its mark, from which a
// look-up would count.
func (r *Relay) leaseLost(ctx context.Context, claim *Claim, s step) {
	if s.kind != StepSend && s.kind != StepPost && s.kind != StepUpdatePost {
		return
	}
	if err := r.cfg.Intake.Accept(ctx, claim.Thread, nil, r.policy.leaseLost(s)); err != nil {
		r.log.LogAttrs(ctx, slog.LevelDebug, "note that a call was late",
			slog.String("thread", string(claim.Thread)), slog.String("delivery", s.row), slog.Any("err", err))
	}
}

func (p *Policy) leaseLost(s step) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[s.row]; s.kind == StepSend && m != nil && m.State == StateInFlight {
			m.InFlightSince, m.Misses = at.Now, 0
			m.Touch()
		}
		if post := r.Posts[s.row]; s.kind == StepPost && post != nil && post.State == StateInFlight {
			post.InFlightSince, post.Misses = at.Now, 0
			post.Touch()
		}
		if post := r.Posts[s.row]; s.kind == StepUpdatePost && post != nil && post.State == StateDone {
			post.RecheckAt = at.Now.Add(recheckAfter)
			post.Touch()
		}
		return nil
	}
}

// begin applies decide and keeps the lane.
func (r *Relay) begin(ctx context.Context, claim *Claim, decide Decision) error {
	decide, acts := captureAudit(decide)
	started := r.cfg.Now()
	if err := r.cfg.Lanes.Begin(ctx, claim, decide); err != nil {
		return err
	}
	r.audit(ctx, claim.Thread, *acts)
	if r.cfg.Now().Sub(started) > beginTime {
		return errSlowMark
	}
	return nil
}

// beginTime is how long after the time of its mark a call may be made: a look-up
// counts from the mark. With a disk that is slower the mark is taken back.
const beginTime = 5 * time.Second

var errSlowMark = &Fault{Class: ClassTemporary, Err: errors.New("the disk took too long to mark it as begun")}
