package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"strings"
	"time"
)

// PanicFault makes a Fault of the class Broken of what recover returned. Its text
// names what went wrong, where that can't hold what somebody said, and where
// in the code. It is to be called by the function that recovers.
func PanicFault(p any) *Fault {
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	return &Fault{Class: ClassPanic, Err: fmt.Errorf("panic: %s at %s", what, panicLocation())}
}

// maxCulprits bounds how much of the stack an error names.
const maxCulprits = 8

// panicLocation names the functions that were running when it came to the panic
// that is being recovered, the innermost first.
func panicLocation() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var named []string
	for panicked := false; len(named) < maxCulprits; {
		f, more := frames.Next()
		if panicked && !strings.HasPrefix(f.Function, "runtime.") {
			named = append(named, fmt.Sprintf("%s:%d", path.Base(f.Function), f.Line))
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			break
		}
	}
	return strings.Join(named, " < ")
}

// attempt does a step. One that panics costs what it was about and nothing
// else.
func (r *Relay) attempt(ctx context.Context, claim *Claim, s step) (decide Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			decide, err = r.policy.afterPanic(s), PanicFault(p)
		}
	}()
	if claim.Remote == ToAgen {
		return r.stepToAgen(ctx, claim, s)
	}
	return r.stepToSlack(ctx, claim, s)
}

// recoverPanic follows from an outcome that could not be applied because its decision
// panicked. The store has given the lane back and holds it for a moment, in
// which what the step was about is taken out of the way.
func (r *Relay) recoverPanic(ctx context.Context, claim *Claim, s step, err error) {
	r.reportPanic(ctx, "decision", claim, s, err)
	for _, decide := range []Decision{r.policy.afterPanic(s), r.policy.pauseAfterPanic()} {
		decide, acts := captureAudit(decide)
		err := r.cfg.Intake.Accept(ctx, claim.Thread, claim.AlsoLoad, decide)
		if err == nil {
			r.audit(ctx, claim.Thread, *acts)
			return
		}
		if !errors.Is(err, ClassPanic) {
			r.log.LogAttrs(ctx, slog.LevelError, "store that a step is broken",
				slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)), slog.Any("err", err))
			return
		}
	}
}

// reportPanic counts and logs a bug that a step ran into.
func (r *Relay) reportPanic(ctx context.Context, where string, claim *Claim, s step, err error) {
	r.observ.PanicCaught(where)
	r.log.LogAttrs(ctx, slog.LevelError, "a step hit a bug",
		slog.String("thread", string(claim.Thread)), slog.String("remote", string(claim.Remote)),
		slog.String("step", string(s.kind)), slog.String("delivery", s.row), slog.Any("err", err))
}

// afterPanic takes what a step was about out of the lane's way: a message that was
// not sent is given up, a post is not made. What may have been done already is
// looked up; where that is what breaks, a person decides after some minutes.
func (p *Policy) afterPanic(s step) Decision {
	switch s.kind {
	case StepAuthorize, StepSend:
		return p.afterSendPanic(s.row)
	case StepLookUp, StepRead:
		return p.afterReadPanic()
	case StepPost, StepFindPost, StepUpdatePost:
		return p.afterPostPanic(s)
	case StepReadReactions, StepAddReaction, StepRemoveReaction:
		return p.reactionRefused(s)
	case StepMark:
		return p.holdStep(StepMark, time.Minute)
	default:
		return p.pauseAfterPanic()
	}
}

func (p *Policy) afterSendPanic(id string) Decision {
	return func(r *ThreadState, at Instant) error {
		m := r.Messages[id]
		switch {
		case m == nil:
		case m.State == StateReady:
			p.giveUp(r, m, ClassPanic, "", at)
		case m.State == StateInFlight:
			m.Panicked = true
			p.markUnsure(r, m, at)
		}
		p.project(r, at)
		return nil
	}
}

func (p *Policy) afterReadPanic() Decision {
	return func(r *ThreadState, at Instant) error {
		r.Volatile.ReadSlot = time.Time{}
		for _, m := range r.Messages {
			if m.State == StateInFlight && at.Now.Sub(m.InFlightSince) >= unreadableFor {
				m.hold(HoldUnsure)
				r.audit("message_held", m.ID(), string(HoldUnsure))
			}
		}
		p.pollLater(r, nil, at)
		p.project(r, at)
		return nil
	}
}

func (p *Policy) afterPostPanic(s step) Decision {
	return func(r *ThreadState, at Instant) error {
		row := r.Posts[s.row]
		switch {
		case row == nil:
			return nil
		case row.State == StateInFlight && at.Now.Sub(row.InFlightSince) < unreadableFor:
			row.Fault = ClassUnsure
			r.hold(StepFindPost, at.Now.Add(time.Minute))
		default:
			p.postRefused(r, row, s.kind, "", at)
			row.Fault = ClassPanic
		}
		row.Touch()
		return nil
	}
}

// pauseAfterPanic leaves a thread alone for some minutes of which nothing is known
// but that whatever is done in it breaks.
func (p *Policy) pauseAfterPanic() Decision {
	return func(r *ThreadState, at Instant) error {
		for _, kind := range everyStep {
			r.hold(kind, at.Now.Add(unreadableFor))
		}
		return nil
	}
}
