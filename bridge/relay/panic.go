package relay

import (
	"context"
	"errors"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// recoverPanic handles an outcome whose decision panicked, so that it could not be
// applied. The store has given the lane back and holds it for a moment, in which the
// record of the step is taken out of the lane's way.
func (r *Relay) recoverPanic(ctx context.Context, claim *bridge.Claim, s schedule.Step, err error) {
	r.reportPanic(ctx, "decision", claim, s, err)
	for _, decide := range []bridge.Decision{r.policy.AfterPanic(s), r.policy.PauseAfterPanic()} {
		decide, events := captureAudit(decide)
		err := r.cfg.Intake.Accept(ctx, claim.Thread, claim.AlsoLoad, decide)
		if err == nil {
			r.audit(ctx, claim.Thread, *events)
			return
		}
		if !errors.Is(err, bridge.ClassPanic) {
			r.log.LogAttrs(ctx, slog.LevelError, "store that a step is broken",
				slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
			return
		}
	}
}

// reportPanic counts and logs a bug that a step ran into.
func (r *Relay) reportPanic(ctx context.Context, where string, claim *bridge.Claim, s schedule.Step, err error) {
	r.observ.PanicCaught(where)
	r.log.LogAttrs(ctx, slog.LevelError, "a step hit a bug",
		slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)),
		slog.String("step", string(s.Kind)), slog.String("delivery", s.ID), slog.Any("err", err))
}
