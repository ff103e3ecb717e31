package relay

import (
	"context"
	"errors"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// authorizeMessage does the part of sending a message that needs no call to Agen: it
// checks whether the author may use the bot, or reads the text again.
func (r *Relay) authorizeMessage(ctx context.Context, m *bridge.MessageRecord) (bridge.Decision, error) {
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	why, err := r.authorize(ctx, m)
	switch {
	case err != nil:
		return r.policy.ComposeFailed(m.ID(), false, err), err
	case why != bridge.Allowed:
		return r.policy.Refused(m.ID(), why), nil
	}
	return r.policy.Authorized(m.ID(), nil), nil
}

// authorize returns why the author of the message may not use the bot.
func (r *Relay) authorize(ctx context.Context, m *bridge.MessageRecord) (bridge.Refusal, error) {
	if m.Authorized || m.Refused != bridge.Allowed {
		return m.Refused, nil
	}
	return r.cfg.Slack.Authorize(ctx, m.Message)
}

// reread reads the text of a message from Slack again.
func (r *Relay) reread(ctx context.Context, m *bridge.MessageRecord) (bridge.Decision, error) {
	ts := m.TS
	if m.CorrectionOf != "" {
		ts = m.CorrectionOf
	}
	fresh, err := r.cfg.Slack.Reread(ctx, m.Thread, ts)
	if errors.Is(err, bridge.ClassNotFound) {
		return r.policy.Reread(m.ID(), nil), nil
	}
	if err != nil {
		return r.policy.ComposeFailed(m.ID(), false, err), err
	}
	return r.policy.Reread(m.ID(), &fresh), nil
}

// send sends the oldest message to the session, or opens a session for it.
func (r *Relay) send(ctx context.Context, claim *bridge.Claim, to *route, m *bridge.MessageRecord) (bridge.Decision, error) {
	id := m.ID()
	if m.State == bridge.StateInFlight {
		return r.sendFast(ctx, claim, to, m)
	}
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	if m.Edited != "" {
		claim.AlsoLoad = append(claim.AlsoLoad, policy.TypoKey(m.TS)) // it may correct the options that the note is about
	}
	why, err := r.authorize(ctx, m)
	switch session := &claim.State.Thread.Session; {
	case err != nil:
		return r.policy.ComposeFailed(id, false, err), err
	case why != bridge.Allowed:
		return r.policy.Refused(id, why), nil
	case m.Command != "":
		return r.runCommand(ctx, claim, m)
	case session.ID == "" && !record.MayOpenSession(m) && !session.Requested:
		return r.policy.NoSession(id), nil
	case session.ID == "":
		if decide, err := r.rebindByCard(ctx, claim, m); decide != nil || err != nil {
			return decide, err
		}
		return r.openSession(ctx, claim, to, m)
	}
	return r.deliver(ctx, claim, to, m)
}

// openSession opens a session for the message. Whether one that may have been opened
// was is not asked: an empty session does no harm. The mark before it keeps a disk
// that can't store the outcome from having one opened after the other.
func (r *Relay) openSession(ctx context.Context, claim *bridge.Claim, to *route, m *bridge.MessageRecord) (bridge.Decision, error) {
	o, mistake := r.policy.SessionFor(to.Session, m.Options)
	if mistake != nil {
		return r.policy.Mistyped(m.ID(), m.Rev, mistake), nil
	}
	one := bridge.OpenedSession{Thread: claim.Thread, Count: claim.State.Thread.Session.Count + 1, By: m.Author, At: r.cfg.Now()}
	if allowed, _ := r.limits.sessions.take(one.By, usageOfSession(one)); !allowed {
		return r.policy.Refused(m.ID(), bridge.RefusedSessions), nil
	}
	s := agen.SessionOptions{AutoCommit: o.AutoCommit, Model: o.Model}
	if o.Branch != "" {
		s.Branch = &o.Branch
	}
	if err := r.begin(ctx, claim, r.policy.Opening(m.ID(), m.Rev)); err != nil && !errors.Is(err, errSlowMark) {
		r.limits.sessions.release(one.By, usageOfSession(one))
		return r.beginFailed(ctx, claim, schedule.Step{Kind: bridge.StepSend, ID: m.ID()}, err)
	}
	opened, err := to.Agen.CreateSession(ctx, s)
	if err = to.observe(ctx, claim.Thread, err); err != nil {
		if class := bridge.ClassOf(err); class == bridge.ClassUnsure || class == bridge.ClassNotFound || class == bridge.ClassConflict {
			err = &bridge.Fault{Class: bridge.ClassTemporary, Remote: bridge.ToAgen, Wait: bridge.WaitOf(err), Err: err}
		}
		r.limits.sessions.release(one.By, usageOfSession(one))
		return r.policy.OpenFailed(m.ID(), err), err
	}
	return r.policy.Opened(m.ID(), opened.ID), nil
}

// deliver composes the message and sends it.
func (r *Relay) deliver(ctx context.Context, claim *bridge.Claim, to *route, m *bridge.MessageRecord) (bridge.Decision, error) {
	id := m.ID()
	t := &claim.State.Thread
	if record.MayBeSentElsewhere(m, claim.At) && (record.MayBeDoneElsewhere(&m.Delivery, claim.At) || !record.OpenedJustFor(&t.Session, m)) {
		return r.policy.LookUpMessages(), nil
	}
	framing := policy.PromptContext(claim.State, m)
	prompt, err := r.cfg.Slack.Compose(ctx, m.Message, framing)
	if err != nil {
		return r.policy.Authorized(id, r.policy.ComposeFailed(id, true, err)), err
	}
	r.countEarlyReplies(prompt.EarlyReplies, claim.State.Messages)
	claim.AlsoLoad = append(claim.AlsoLoad, outcome.FilesKey(m.Author))
	for _, l := range prompt.EarlyReplies {
		claim.AlsoLoad = append(claim.AlsoLoad, l.TS) // the message may be known and resting
	}
	switch err := r.begin(ctx, claim, r.policy.Begin(id, m.Rev, framing, prompt)); {
	case errors.Is(err, errSlowMark):
		return r.policy.SendFailed(id, err), err
	case err != nil:
		return r.beginFailed(ctx, claim, schedule.Step{Kind: bridge.StepSend, ID: id}, err)
	}
	return r.transmit(ctx, claim, to, id, prompt)
}

// transmit sends a message that is in flight.
func (r *Relay) transmit(ctx context.Context, claim *bridge.Claim, to *route, id string, prompt bridge.Prompt) (bridge.Decision, error) {
	event, err := to.Agen.SendMessage(ctx, claim.State.Thread.Session.ID, prompt.Text, id)
	if err = to.observe(ctx, claim.Thread, err); err != nil {
		return r.policy.SendFailed(id, err), err
	}
	claim.Deferrable = true
	got := timeline.Entry{EventID: event.ID, ClientID: event.ClientID, Status: event.Status}
	return r.policy.Sent(id, got), nil
}

// sendFast sends a message that has been in flight since it was accepted. The message
// becomes ready again if it was deleted since, if an earlier one came in, or if its
// mark is too old.
func (r *Relay) sendFast(ctx context.Context, claim *bridge.Claim, to *route, m *bridge.MessageRecord) (bridge.Decision, error) {
	prompt, ok := claim.State.Volatile.FastSend.Take()
	switch {
	case !ok: // another worker took the prompt and settles it, or the message is looked up
		return nil, nil
	case m.DeletionPending || schedule.Overtakes(claim.State, m) || claim.At.Now.Sub(m.InFlightSince) > outcome.BeginTime:
		return r.policy.ReturnUnsent(m.ID()), nil
	}
	return r.transmit(ctx, claim, to, m.ID(), prompt)
}
