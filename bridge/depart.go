package bridge

import (
	"context"
	"slices"
	"sync/atomic"
)

// Departure is a message that was begun by the transaction that took it on,
// with the words that it goes out with. It is for one worker.
type Departure struct {
	id     string
	prompt Prompt
	taken  atomic.Bool
}

// waits reports whether the message is the departure's and nobody has taken it.
func (d *Departure) waits(id string) bool { return d != nil && d.id == id && !d.taken.Load() }

// take returns what is to be sent, to whoever asks first.
func (d *Departure) take() (Prompt, bool) {
	if d == nil || d.taken.Swap(true) {
		return Prompt{}, false
	}
	prompt := d.prompt
	d.prompt = Prompt{}
	return prompt, true
}

// ready composes the message if nothing has to be asked of Slack for that; nil
// for one that is not for the agent as it is. A bug in it is left to the step
// that composes the message then.
func (r *Relay) ready(ctx context.Context, m Message) func() (Prompt, bool) {
	if m.Swept || m.Edited != "" || m.Command != "" || m.Aside != "" || m.Refused != Allowed || m.Kind == Overheard {
		return nil
	}
	return func() (prompt Prompt, ok bool) {
		defer func() {
			if recover() != nil {
				prompt, ok = Prompt{}, false
			}
		}()
		return r.cfg.Slack.Ready(ctx, m)
	}
}

// depart begins a message that can go at once: its session has nothing else to
// do, and it is composed without asking anybody. That spares the commit between
// the one that takes it on and the send. A process that ends between the two
// leaves a begun row like any other.
func (p *Policy) depart(r *Rows, id string, ready func() (Prompt, bool), at Moment) error {
	m := r.Messages[id]
	if m == nil || ready == nil || !r.free(m, at) {
		return nil
	}
	prompt, ok := ready()
	if !ok {
		return nil
	}
	r.Memo.Departure = &Departure{id: id, prompt: prompt}
	return p.begin(id, m.Rev, Framing{}, prompt)(r, at)
}

// free reports whether nothing stands between the message and its session.
func (r *Rows) free(m *MessageRow, at Moment) bool {
	s := &r.Thread.Session
	if m.State != Ready || m.Body == nil || m.Overdue || s.ID == "" || s.Gone || m.unproven(at) || r.framing(m) != (Framing{}) {
		return false
	}
	next, due := r.next(ToAgen, at.Now)
	return due && next.kind == StepSend && next.row == m.ID()
}

// leave sends a message that was begun as it was taken on. It is put back
// instead if it was taken back since, if an earlier one came in, or if its mark
// is too old to be counted from.
func (r *Relay) leave(ctx context.Context, claim *Claim, to *route, m *MessageRow) (Decide, error) {
	prompt, ok := claim.Rows.Memo.Departure.take()
	switch {
	case !ok: // whoever has it knows what became of it, or it is looked up
		return nil, nil
	case m.Unwanted || claim.Rows.overtakes(m) || claim.At.Now.Sub(m.BegunAt) > beginTime:
		return r.policy.recall(m.ID()), nil
	}
	return r.transmit(ctx, claim, to, m.ID(), prompt)
}

// overtakes reports whether a message waits that was written before this one.
func (r *Rows) overtakes(m *MessageRow) bool {
	return slices.ContainsFunc(r.sends(), func(s step) bool {
		earlier := r.Messages[s.row]
		return earlier.Of == "" && tsBefore(earlier.TS, m.TS)
	})
}

// recall puts a message back that was begun and has certainly not been sent.
func (p *Policy) recall(id string) Decide {
	return func(r *Rows, at Moment) error {
		if m := r.Messages[id]; m != nil && m.State == Begun {
			p.retreat(r, m, at, false)
			p.project(r, at)
		}
		return nil
	}
}
