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

// Caught makes a Fault of the class Broken of what recover returned. Its text
// names what went wrong, where that can't hold what somebody said, and where
// in the code. It is to be called by the function that recovers.
func Caught(p any) *Fault {
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	return &Fault{Class: Broken, Err: fmt.Errorf("panic: %s at %s", what, culprits())}
}

// maxCulprits bounds how much of the stack an error names.
const maxCulprits = 8

// culprits names the functions that were running when it came to the panic
// that is being recovered, the innermost first.
func culprits() string {
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
func (r *Relay) attempt(ctx context.Context, claim *Claim, s step) (decide Decide, err error) {
	defer func() {
		if p := recover(); p != nil {
			decide, err = r.policy.broken(s), Caught(p)
		}
	}()
	if claim.Remote == ToAgen {
		return r.agenStep(ctx, claim, s)
	}
	return r.slackStep(ctx, claim, s)
}

// mend follows from an outcome that could not be applied because its decision
// panicked. The store has given the lane back and holds it for a moment, in
// which what the step was about is taken out of the way.
func (r *Relay) mend(ctx context.Context, claim *Claim, s step, err error) {
	r.broke(ctx, "decision", claim, s, err)
	for _, decide := range []Decide{r.policy.broken(s), r.policy.standStill()} {
		decide, acts := watched(decide)
		err := r.cfg.Intake.Accept(ctx, claim.Thread, claim.Also, decide)
		if err == nil {
			r.audit(ctx, claim.Thread, *acts)
			return
		}
		if !errors.Is(err, Broken) {
			r.log.LogAttrs(ctx, slog.LevelError, "store that a step is broken",
				slog.String("thread", string(claim.Thread)), slog.String("lane", string(claim.Remote)), slog.Any("err", err))
			return
		}
	}
}

// broke counts and logs a bug that a step ran into.
func (r *Relay) broke(ctx context.Context, where string, claim *Claim, s step, err error) {
	r.observ.Broke(where)
	r.log.LogAttrs(ctx, slog.LevelError, "a step hit a bug",
		slog.String("thread", string(claim.Thread)), slog.String("lane", string(claim.Remote)),
		slog.String("step", string(s.kind)), slog.String("delivery", s.row), slog.Any("err", err))
}

// broken takes what a step was about out of the lane's way: a message that was
// not sent is given up, a post is not made. What may have been done already is
// looked up; where that is what breaks, a person decides after some minutes.
func (p *Policy) broken(s step) Decide {
	switch s.kind {
	case StepVet, StepSend:
		return p.brokenSend(s.row)
	case StepLookUp, StepRead:
		return p.brokenRead()
	case StepPost, StepFind, StepUpdate:
		return p.brokenPost(s)
	case StepSee, StepAdd, StepRemove:
		return p.reactRefused(s)
	case StepMark:
		return p.rest(StepMark, time.Minute)
	default:
		return p.standStill()
	}
}

func (p *Policy) brokenSend(id string) Decide {
	return func(r *Rows, at Moment) error {
		m := r.Messages[id]
		switch {
		case m == nil:
		case m.State == Ready:
			p.giveUp(r, m, Broken, "", at)
		case m.State == Begun:
			m.Broke = true
			p.markUnsure(r, m, at)
		}
		p.project(r, at)
		return nil
	}
}

func (p *Policy) brokenRead() Decide {
	return func(r *Rows, at Moment) error {
		r.Memo.Slot = time.Time{}
		for _, m := range r.Messages {
			if m.State == Begun && at.Now.Sub(m.BegunAt) >= unreadableFor {
				m.hold(Unsure)
				r.act("held", m.ID(), string(Unsure))
			}
		}
		p.readLater(r, nil, at)
		p.project(r, at)
		return nil
	}
}

func (p *Policy) brokenPost(s step) Decide {
	return func(r *Rows, at Moment) error {
		row := r.Posts[s.row]
		switch {
		case row == nil:
			return nil
		case row.State == Begun && at.Now.Sub(row.BegunAt) < unreadableFor:
			row.Fault = Unsure
			r.hold(StepFind, at.Now.Add(time.Minute))
		default:
			p.postRefused(r, row, s.kind, "", at)
			row.Fault = Broken
		}
		row.Touch()
		return nil
	}
}

// standStill leaves a thread alone for some minutes of which nothing is known
// but that whatever is done in it breaks.
func (p *Policy) standStill() Decide {
	return func(r *Rows, at Moment) error {
		for _, kind := range everyStep {
			r.hold(kind, at.Now.Add(unreadableFor))
		}
		return nil
	}
}
