package relay

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// beginFailed decides what follows if the store didn't take a mark. If the record has
// changed, the lane looks at it anew; if the disk fails, it is not used again at once.
func (r *Relay) beginFailed(ctx context.Context, claim *bridge.Claim, s schedule.Step, err error) (bridge.Decision, error) {
	if errors.Is(err, bridge.ErrChanged) || errors.Is(err, bridge.ErrLost) {
		return nil, nil
	}
	if errors.Is(err, bridge.ClassPanic) {
		return r.policy.AfterPanic(s), err
	}
	r.log.LogAttrs(ctx, slog.LevelError, "mark a delivery as begun",
		slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
	return r.policy.HoldStep(s.Kind, time.Second), nil
}

// settle applies the decision that follows a step, and gives the lane back.
func (r *Relay) settle(ctx context.Context, claim *bridge.Claim, s schedule.Step, decide bridge.Decision) {
	var events *[]bridge.AuditEvent
	if decide != nil {
		decide, events = captureAudit(decide)
	}
	switch err := r.cfg.Lanes.Settle(ctx, claim, decide); {
	case errors.Is(err, bridge.ErrChanged), errors.Is(err, bridge.ErrLost):
		r.log.LogAttrs(ctx, slog.LevelDebug, "outcome is out of date",
			slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
		r.leaseLost(ctx, claim, s)
	case errors.Is(err, bridge.ClassPanic):
		r.recoverPanic(ctx, claim, s, err)
	case err != nil:
		r.log.LogAttrs(ctx, slog.LevelError, "store an outcome",
			slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
		r.leaseLost(ctx, claim, s)
	case events != nil:
		r.audit(ctx, claim.Thread, *events)
	}
}

// leaseLost records that a call whose outcome could not be stored may have left until
// now: with a slow disk that is much later than its mark, from which a look-up would
// count. If the store refuses that too, the relay remembers it in memory.
func (r *Relay) leaseLost(ctx context.Context, claim *bridge.Claim, s schedule.Step) {
	switch s.Kind {
	case bridge.StepSend, bridge.StepPost, bridge.StepUpdatePost, bridge.StepAddReaction, bridge.StepRemoveReaction:
	default:
		return
	}
	if err := r.cfg.Intake.Accept(ctx, claim.Thread, []string{s.ID}, r.policy.LeaseLost(s)); err != nil {
		r.unstored.add(claim.Thread, s)
		r.log.LogAttrs(ctx, slog.LevelDebug, "note that a call was late",
			slog.String("thread", string(claim.Thread)), slog.String("delivery", s.ID), slog.Any("err", err))
	}
}

// begin applies decide and keeps the lease.
func (r *Relay) begin(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	decide, events := captureAudit(decide)
	started := r.cfg.Now()
	if err := r.cfg.Lanes.Begin(ctx, claim, decide); err != nil {
		return err
	}
	r.audit(ctx, claim.Thread, *events)
	if r.cfg.Now().Sub(started) > outcome.BeginTime {
		return errSlowMark
	}
	return nil
}

var errSlowMark = &bridge.Fault{Class: bridge.ClassTemporary, Err: errors.New("the disk took too long to mark it as begun")}
