package bridge

import (
	"context"
	"slices"
	"sync/atomic"
)

// FastSend is a message that was begun by the transaction that took it on,
// with the words that it goes out with. It is for one worker.
type FastSend struct {
	id     string
	prompt Prompt
	taken  atomic.Bool
}

// waitsFor reports whether the message is the departure's and nobody has taken it.
func (d *FastSend) waitsFor(id string) bool { return d != nil && d.id == id && !d.taken.Load() }

// take returns what is to be sent, to whoever asks first.
func (d *FastSend) take() (Prompt, bool) {
	if d == nil || d.taken.Swap(true) {
		return Prompt{}, false
	}
	prompt := d.prompt
	d.prompt = Prompt{}
	return prompt, true
}

// composeCached composes the message if nothing has to be asked of Slack for that; nil
// for one that is not for the agent as it is. A bug in it is left to the step
// that composes the message then.
func (r *Relay) composeCached(ctx context.Context, m Message) func() (Prompt, bool) {
	if m.Backfilled || m.Edited != "" || m.Command != "" || m.Aside != "" || m.Refused != Allowed || m.Kind == KindApp {
		return nil
	}
	return func() (prompt Prompt, ok bool) {
		defer func() {
			if recover() != nil {
				prompt, ok = Prompt{}, false
			}
		}()
		return r.cfg.Slack.ComposeCached(ctx, m)
	}
}

// beginFast begins a message that can go at once: its session has nothing else to
// do, and it is composed without asking anybody. That spares the commit between
// the one that takes it on and the send. A process that ends between the two
// leaves a begun row like any other.
func (p *Policy) beginFast(r *ThreadState, id string, ready func() (Prompt, bool), at Instant) error {
	m := r.Messages[id]
	if m == nil || ready == nil || !r.canSendNow(m, at) {
		return nil
	}
	prompt, ok := ready()
	if !ok {
		return nil
	}
	r.Volatile.FastSend = &FastSend{id: id, prompt: prompt}
	return p.begin(id, m.Rev, PromptContext{}, prompt)(r, at)
}

// canSendNow reports whether nothing stands between the message and its session.
func (r *ThreadState) canSendNow(m *MessageRecord, at Instant) bool {
	s := &r.Thread.Session
	if m.State != StateReady || m.Body == nil || m.Stale || s.ID == "" || s.Closed || m.mayBeSentElsewhere(at) || r.promptContext(m) != (PromptContext{}) {
		return false
	}
	next, due := r.next(ToAgen, at.Now)
	return due && next.kind == StepSend && next.row == m.ID()
}

// sendFast sends a message that was begun as it was taken on. It is put back
// instead if it was taken back since, if an earlier one came in, or if its mark
// is too old to be counted from.
func (r *Relay) sendFast(ctx context.Context, claim *Claim, to *route, m *MessageRecord) (Decision, error) {
	prompt, ok := claim.State.Volatile.FastSend.take()
	switch {
	case !ok: // whoever has it knows what became of it, or it is looked up
		return nil, nil
	case m.DeletionPending || claim.State.overtakes(m) || claim.At.Now.Sub(m.InFlightSince) > beginTime:
		return r.policy.returnUnsent(m.ID()), nil
	}
	return r.transmit(ctx, claim, to, m.ID(), prompt)
}

// overtakes reports whether a message waits that was written before this one.
func (r *ThreadState) overtakes(m *MessageRecord) bool {
	return slices.ContainsFunc(r.sendSteps(), func(s step) bool {
		earlier := r.Messages[s.row]
		return earlier.CorrectionOf == "" && TSBefore(earlier.TS, m.TS)
	})
}

// returnUnsent puts a message back that was begun and has certainly not been sent.
func (p *Policy) returnUnsent(id string) Decision {
	return func(r *ThreadState, at Instant) error {
		if m := r.Messages[id]; m != nil && m.State == StateInFlight {
			p.backToReady(r, m, at, false)
			p.project(r, at)
		}
		return nil
	}
}
