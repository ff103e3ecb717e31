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

// Draft is a message composed before the store accepts it, so that its acceptance
// can mark it as in flight as well.
type Draft struct {
	// Digest is that of the message which was composed, Route the route that
	// its thread had then.
	Digest uint64
	Route  string
	Prompt Prompt
}

// draft composes the message if it can probably be sent at once and nothing has
// to be asked of Slack for that; nil otherwise. What it looks at may be out of
// date: it only decides whether composing is worth it. A bug in composing is left
// to the step that composes the message then.
func (r *Relay) draft(ctx context.Context, m Message) (d *Draft) {
	if m.Backfilled || m.Edited != "" || m.Command != "" || m.Aside != "" || m.Refused != Allowed || m.OverLimit != Allowed ||
		m.Kind == KindApp || r.stopping.Load() {
		return nil
	}
	name, ok := "", false
	r.cfg.Intake.Look(m.Thread, func(state *ThreadState) {
		name, ok = state.Thread.Route, r.policy.mayDraft(state, m)
	})
	if to := r.routes[name]; !ok || to.unavailable() != nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			d = nil
		}
	}()
	prompt, ok := r.cfg.Slack.ComposeCached(ctx, m)
	if !ok {
		return nil
	}
	return &Draft{Digest: m.Digest, Route: name, Prompt: prompt}
}

// mayDraft reports whether a new message would probably be sent at once: the
// thread has a session, and nothing waits for it.
func (p *Policy) mayDraft(r *ThreadState, m Message) bool {
	s := &r.Thread.Session
	if s.ID == "" || s.Closed || !s.HasContext || m.Kind == KindReply && !p.listens(&r.Thread) {
		return false
	}
	for id, other := range r.Messages {
		if id == m.TS || other.waiting() {
			return false
		}
	}
	return true
}

// beginFast marks a message that was just accepted as in flight, if its draft is
// still right: made of these words, for this route, and with nothing between the
// message and its session. That spares the commit between the one that accepts
// it and the send. A process that ends between the two leaves an in-flight record
// like any other.
func (p *Policy) beginFast(r *ThreadState, id string, draft *Draft, at Instant) error {
	m := r.Messages[id]
	if m == nil || draft == nil || m.Digest != draft.Digest || m.Edited != "" || r.Thread.Route != draft.Route || !r.canSendNow(m, at) {
		return nil
	}
	r.Volatile.FastSend = &FastSend{id: id, prompt: draft.Prompt}
	return p.begin(id, m.Rev, PromptContext{}, draft.Prompt)(r, at)
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
