package bridge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// stepToAgen does one step of a lane to Agen and returns the decision that
// follows, and the fault if there was one.
func (r *Relay) stepToAgen(ctx context.Context, claim *Claim, s step) (Decision, error) {
	m := claim.State.Messages[s.row]
	if s.kind == StepAuthorize {
		return r.authorizeMessage(ctx, m)
	}
	to := r.routes[claim.State.Thread.Route]
	if err := to.unavailable(); err != nil {
		switch {
		case s.kind != StepSend:
		case !m.Authorized: // it is shown as delayed only when it may be
			return r.authorizeMessage(ctx, m)
		case m.Command != "": // it is for us
			return r.send(ctx, claim, to, m)
		}
		if to == nil {
			return r.policy.noRoute(), err
		}
		return r.policy.holdAgen(err), err
	}
	switch s.kind {
	case StepSend:
		return r.send(ctx, claim, to, m)
	case StepLookUp:
		return r.readTimeline(ctx, claim, to, "")
	case StepRead:
		wait, ok := to.throttle.reserve(claim.State.Volatile.ReadSlot)
		if !ok {
			return r.policy.waitForReadSlot(wait), nil
		}
		defer to.throttle.release()
		return r.poll(ctx, claim, to)
	default:
		panic("no such step to Agen: " + s.kind)
	}
}

// holdAgen has the lane leave Agen alone, in memory.
func (p *Policy) holdAgen(err error) Decision {
	return func(rows *ThreadState, at Instant) error {
		p.holdAgenLane(rows, at.Now.Add(pause(err)))
		return nil
	}
}

// waitForReadSlot has the lane read its timeline when it is its turn.
func (p *Policy) waitForReadSlot(wait time.Duration) Decision {
	return func(rows *ThreadState, at Instant) error {
		rows.Volatile.ReadSlot = at.Now.Add(wait)
		rows.hold(StepRead, rows.Volatile.ReadSlot)
		return nil
	}
}

// holdStep puts a kind of step off, in memory.
func (p *Policy) holdStep(kind StepKind, wait time.Duration) Decision {
	return func(rows *ThreadState, at Instant) error {
		rows.hold(kind, at.Now.Add(wait))
		return nil
	}
}

// authorizeMessage does for a message that waits what does not need Agen: it asks whether
// the author may use the bot, or reads the text again.
func (r *Relay) authorizeMessage(ctx context.Context, m *MessageRecord) (Decision, error) {
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	why, err := r.authorize(ctx, m)
	switch {
	case err != nil:
		return r.policy.composeFailed(m.ID(), false, err), err
	case why != Allowed:
		return r.policy.refused(m.ID(), why), nil
	}
	return r.policy.authorized(m.ID(), nil), nil
}

// authorize says whether the author of the message may use the bot.
func (r *Relay) authorize(ctx context.Context, m *MessageRecord) (Refusal, error) {
	if m.Authorized || m.Refused != Allowed {
		return m.Refused, nil
	}
	return r.cfg.Slack.Authorize(ctx, m.Message)
}

// reread reads the text of a message from Slack again.
func (r *Relay) reread(ctx context.Context, m *MessageRecord) (Decision, error) {
	ts := m.TS
	if m.CorrectionOf != "" {
		ts = m.CorrectionOf
	}
	fresh, err := r.cfg.Slack.Reread(ctx, m.Thread, ts)
	if errors.Is(err, ClassNotFound) {
		return r.policy.reread(m.ID(), nil), nil
	}
	if err != nil {
		return r.policy.composeFailed(m.ID(), false, err), err
	}
	return r.policy.reread(m.ID(), &fresh), nil
}

// send brings the oldest message to the session, or opens one for it.
func (r *Relay) send(ctx context.Context, claim *Claim, to *route, m *MessageRecord) (Decision, error) {
	id := m.ID()
	if m.State == StateInFlight {
		return r.sendFast(ctx, claim, to, m)
	}
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	if m.Edited != "" {
		claim.AlsoLoad = append(claim.AlsoLoad, typoKey(m.TS)) // it may mend what the note is about
	}
	why, err := r.authorize(ctx, m)
	switch session := &claim.State.Thread.Session; {
	case err != nil:
		return r.policy.composeFailed(id, false, err), err
	case why != Allowed:
		return r.policy.refused(id, why), nil
	case m.Command != "":
		return r.runCommand(ctx, claim, m)
	case session.ID == "" && !m.mayOpenSession() && !session.Requested:
		return r.policy.noSession(id), nil
	case session.ID == "":
		if decide, err := r.rebindByCard(ctx, claim, m); decide != nil || err != nil {
			return decide, err
		}
		return r.openSession(ctx, claim, to, m)
	}
	return r.deliver(ctx, claim, to, m)
}

// noSession gives up a reply whose session could not be opened: nothing but a
// mention, or a button, opens one.
func (p *Policy) noSession(id string) Decision {
	return func(rows *ThreadState, at Instant) error {
		if m := rows.Messages[id]; m != nil && m.State == StateReady {
			p.giveUp(rows, m, ClassNotFound, "", at)
			p.project(rows, at)
		}
		return nil
	}
}

// openSession opens a session for the message. Whether one that may have been opened
// was is not asked: an empty session does no harm.
func (r *Relay) openSession(ctx context.Context, claim *Claim, to *route, m *MessageRecord) (Decision, error) {
	o, mistake := r.policy.sessionFor(to.Session, m.Options)
	if mistake != nil {
		return r.policy.mistyped(m.ID(), m.Rev, mistake), nil
	}
	one := OpenedSession{Thread: claim.Thread, Count: claim.State.Thread.Session.Count + 1, By: m.Author, At: r.cfg.Now()}
	if r.limits.sessions.full(one.By, one.usage()) {
		return r.policy.refused(m.ID(), RefusedSessions), nil
	}
	s := agen.SessionOptions{AutoCommit: o.AutoCommit, Model: o.Model}
	if o.Branch != "" {
		s.Branch = &o.Branch
	}
	opened, err := to.Agen.CreateSession(ctx, s)
	if err = to.observe(ctx, err); err != nil {
		if class := classOf(err); class == ClassUnsure || class == ClassNotFound || class == ClassConflict {
			err = &Fault{Class: ClassTemporary, Wait: waitOf(err), Err: err}
		}
		return r.policy.authorized(m.ID(), r.policy.sendFailed(m.ID(), err)), err
	}
	r.limits.sessions.add(one.By, one.usage())
	return r.policy.opened(m.ID(), opened.ID), nil
}

// composeTries is how often reading the thread is tried before the message
// goes without what was said earlier.
const composeTries = 3

// deliver composes the message and sends it.
func (r *Relay) deliver(ctx context.Context, claim *Claim, to *route, m *MessageRecord) (Decision, error) {
	id := m.ID()
	t := &claim.State.Thread
	if m.mayBeSentElsewhere(claim.At) && (m.Delivery.mayBeDoneElsewhere(claim.At) || !t.Session.openedJustFor(m)) {
		return r.policy.lookUpMessages(), nil
	}
	framing := claim.State.promptContext(m)
	prompt, err := r.cfg.Slack.Compose(ctx, m.Message, framing)
	if err != nil {
		return r.policy.authorized(id, r.policy.composeFailed(id, true, err)), err
	}
	r.refuseOverLimit(prompt.EarlyReplies, claim.State.Messages)
	for _, l := range prompt.EarlyReplies {
		claim.AlsoLoad = append(claim.AlsoLoad, l.TS) // it may be known and at rest
	}
	switch err := r.begin(ctx, claim, r.policy.begin(id, m.Rev, framing, prompt)); {
	case errors.Is(err, errSlowMark):
		return r.policy.sendFailed(id, err), err
	case err != nil:
		return r.beginFailed(ctx, claim, step{kind: StepSend, row: id}, err)
	}
	return r.transmit(ctx, claim, to, id, prompt)
}

// promptContext tells what surrounds the message on its way to the agent.
func (r *ThreadState) promptContext(m *MessageRecord) PromptContext {
	t := &r.Thread
	f := PromptContext{
		NewSession: !t.Session.HasContext || t.needsHistory(m), NoBackground: m.ComposeFailures >= composeTries,
		Late: TSBefore(m.TS, t.LastSent), Correction: m.CorrectionOf != "",
		OptionsApplied: len(m.Options) > 0 && t.Session.OpenedFor == m.ID(),
	}
	if TSBefore(t.Unseen.After, m.TS) && !f.NewSession && !f.Late && m.CorrectionOf == "" && m.Choice == "" {
		f.Since = t.Unseen.After
	}
	return f
}

// transmit sends a message that was begun.
func (r *Relay) transmit(ctx context.Context, claim *Claim, to *route, id string, prompt Prompt) (Decision, error) {
	event, err := to.Agen.SendMessage(ctx, claim.State.Thread.Session.ID, prompt.Text, id)
	if err = to.observe(ctx, err); err != nil {
		return r.policy.sendFailed(id, err), err
	}
	claim.Deferrable = true
	got := TimelineEntry{EventID: event.ID, ClientID: event.ClientID, Status: event.Status}
	return r.policy.sent(id, got, prompt.UnreadFiles), nil
}

// openedJustFor reports whether the session was opened for the message and has nothing
// yet: there is nothing to look for.
func (s *Session) openedJustFor(m *MessageRecord) bool {
	return s.OpenedFor == m.TS && !s.HasContext && s.OpenedAt.After(m.Accepted)
}

// needsHistory reports whether the message is the thread's first though a later one
// was sent before it: what was said in between counted as background.
func (t *Thread) needsHistory(m *MessageRecord) bool {
	return m.TS == t.StartTS && TSBefore(m.TS, t.LastSent)
}

// beginFailed decides what follows when the store would not take a mark. A row
// that changed meanwhile is looked at anew; a disk that fails is not asked
// again at once.
func (r *Relay) beginFailed(ctx context.Context, claim *Claim, s step, err error) (Decision, error) {
	if errors.Is(err, ErrChanged) || errors.Is(err, ErrLost) {
		return nil, nil
	}
	if errors.Is(err, ClassPanic) {
		return r.policy.afterPanic(s), err
	}
	r.log.LogAttrs(ctx, slog.LevelError, "mark a delivery as begun",
		slog.String("thread", string(claim.Thread)), slog.String("lane", string(claim.Remote)), slog.Any("err", err))
	return r.policy.holdStep(s.kind, time.Second), nil
}

// poll reads the timeline for news. It is not worth keeping a message waiting
// for: one that comes in meanwhile ends it.
func (r *Relay) poll(ctx context.Context, claim *Claim, to *route) (Decision, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		select {
		case <-claim.Changed:
			cancel(errNewActivity)
		case <-ctx.Done():
		}
	}()
	decide, err := r.readTimeline(ctx, claim, to, claim.State.Volatile.ETag)
	interrupted := errors.Is(context.Cause(ctx), errNewActivity)
	cancel(nil)
	<-watch
	if err != nil && interrupted {
		return nil, nil
	}
	return decide, err
}

var errNewActivity = errors.New("something came in for the thread")

// readTimeline reads the session's timeline for what became of our messages, and
// for news. With an etag it need not be read when it is still the same.
func (r *Relay) readTimeline(ctx context.Context, claim *Claim, to *route, etag string) (Decision, error) {
	var posts []OwnPost
	review := claim.State.Thread.reviewDue(claim.At)
	started := r.cfg.Now()
	if review {
		var err error
		if posts, err = r.ownPosts(ctx, claim.Thread); err != nil {
			return r.policy.ownPostsFailed(err), err
		}
	}
	reader := NewTimelineReader(claim.State, posts, review)
	etag, err := to.Agen.Timeline(ctx, claim.State.Thread.Session.ID, etag, reader.Visit)
	if errors.Is(err, agen.ErrNotModified) {
		claim.Deferrable = true
		return r.policy.unchanged(r.cfg.Now().Sub(started)), to.observe(ctx, nil)
	}
	if err = to.observe(ctx, err); err != nil {
		return r.policy.readFailed(err), err
	}
	found := reader.Found()
	found.ETag, found.Took = etag, r.cfg.Now().Sub(started)
	claim.AlsoLoad, claim.Deferrable = found.restingPosts(r.policy.postLimit()), len(found.News) == 0
	return r.policy.read(found), nil
}
