package bridge

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// agenStep does one step of a lane to Agen and returns the decision that
// follows, and the fault if there was one.
func (r *Relay) agenStep(ctx context.Context, claim *Claim, s step) (Decide, error) {
	m := claim.Rows.Messages[s.row]
	if s.kind == StepVet {
		return r.vet(ctx, m)
	}
	to := r.routes[claim.Rows.Thread.Route]
	if err := to.shut(); err != nil {
		switch {
		case s.kind != StepSend:
		case !m.Vetted: // it is shown as delayed only when it may be
			return r.vet(ctx, m)
		case m.Command != "": // it is for us
			return r.send(ctx, claim, to, m)
		}
		if to == nil {
			return r.policy.unrouted(), err
		}
		return r.policy.spare(err), err
	}
	switch s.kind {
	case StepSend:
		return r.send(ctx, claim, to, m)
	case StepLookUp:
		return r.timeline(ctx, claim, to, "")
	case StepRead:
		wait, ok := to.gate.enter(claim.Rows.Memo.Slot)
		if !ok {
			return r.policy.waitForSlot(wait), nil
		}
		defer to.gate.leave()
		return r.poll(ctx, claim, to)
	default:
		panic("no such step to Agen: " + s.kind)
	}
}

// spare has the lane leave Agen alone, in memory.
func (p *Policy) spare(err error) Decide {
	return func(rows *Rows, at Moment) error {
		p.holdKey(rows, at.Now.Add(pause(err)))
		return nil
	}
}

// waitForSlot has the lane read its timeline when it is its turn.
func (p *Policy) waitForSlot(wait time.Duration) Decide {
	return func(rows *Rows, at Moment) error {
		rows.Memo.Slot = at.Now.Add(wait)
		rows.hold(StepRead, rows.Memo.Slot)
		return nil
	}
}

// rest puts a kind of step off, in memory.
func (p *Policy) rest(kind StepKind, wait time.Duration) Decide {
	return func(rows *Rows, at Moment) error {
		rows.hold(kind, at.Now.Add(wait))
		return nil
	}
}

// vet does for a message that waits what does not need Agen: it asks whether
// the author may use the bot, or reads the text again.
func (r *Relay) vet(ctx context.Context, m *MessageRow) (Decide, error) {
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	why, err := r.mayUse(ctx, m)
	switch {
	case err != nil:
		return r.policy.unready(m.ID(), false, err), err
	case why != Allowed:
		return r.policy.refused(m.ID(), why), nil
	}
	return r.policy.vetted(m.ID(), nil), nil
}

// mayUse says whether the author of the message may use the bot.
func (r *Relay) mayUse(ctx context.Context, m *MessageRow) (Refusal, error) {
	if m.Vetted || m.Refused != Allowed {
		return m.Refused, nil
	}
	return r.cfg.Slack.Vet(ctx, m.Message)
}

// reread reads the text of a message from Slack again.
func (r *Relay) reread(ctx context.Context, m *MessageRow) (Decide, error) {
	ts := m.TS
	if m.Of != "" {
		ts = m.Of
	}
	fresh, err := r.cfg.Slack.Reread(ctx, m.Thread, ts)
	if errors.Is(err, Missing) {
		return r.policy.reread(m.ID(), nil), nil
	}
	if err != nil {
		return r.policy.unready(m.ID(), false, err), err
	}
	return r.policy.reread(m.ID(), &fresh), nil
}

// send brings the oldest message to the session, or opens one for it.
func (r *Relay) send(ctx context.Context, claim *Claim, to *route, m *MessageRow) (Decide, error) {
	id := m.ID()
	if m.State == Begun {
		return r.leave(ctx, claim, to, m)
	}
	if m.Body == nil {
		return r.reread(ctx, m)
	}
	if m.Edited != "" {
		claim.Also = append(claim.Also, typoKey(m.TS)) // it may mend what the note is about
	}
	why, err := r.mayUse(ctx, m)
	switch session := &claim.Rows.Thread.Session; {
	case err != nil:
		return r.policy.unready(id, false, err), err
	case why != Allowed:
		return r.policy.refused(id, why), nil
	case m.Command != "":
		return r.obey(ctx, claim, m)
	case session.ID == "" && !m.opens() && !session.Fresh:
		return r.policy.orphan(id), nil
	case session.ID == "":
		if decide, err := r.rebind(ctx, claim, m); decide != nil || err != nil {
			return decide, err
		}
		return r.open(ctx, claim, to, m)
	}
	return r.deliver(ctx, claim, to, m)
}

// orphan gives up a reply whose session could not be opened: nothing but a
// mention, or a button, opens one.
func (p *Policy) orphan(id string) Decide {
	return func(rows *Rows, at Moment) error {
		if m := rows.Messages[id]; m != nil && m.State == Ready {
			p.giveUp(rows, m, Missing, "", at)
			p.project(rows, at)
		}
		return nil
	}
}

// open opens a session for the message. Whether one that may have been opened
// was is not asked: an empty session does no harm.
func (r *Relay) open(ctx context.Context, claim *Claim, to *route, m *MessageRow) (Decide, error) {
	o, mistake := r.policy.sessionFor(to.Session, m.Options)
	if mistake != "" {
		return r.policy.mistyped(m.ID(), m.Rev, mistake), nil
	}
	one := Opened{Thread: claim.Thread, Count: claim.Rows.Thread.Session.Count + 1, By: m.Author, At: r.cfg.Now()}
	if r.limits.sessions.full(one.By, one.deed()) {
		return r.policy.refused(m.ID(), RefusedSessions), nil
	}
	s := agen.SessionOptions{AutoCommit: o.AutoCommit, Model: o.Model}
	if o.Branch != "" {
		s.Branch = &o.Branch
	}
	opened, err := to.Agen.CreateSession(ctx, s)
	if err = to.heard(ctx, err); err != nil {
		if class := classOf(err); class == Unsure || class == Missing || class == Conflict {
			err = &Fault{Class: Temporary, Wait: waitOf(err), Err: err}
		}
		return r.policy.vetted(m.ID(), r.policy.unsent(m.ID(), err)), err
	}
	r.limits.sessions.add(one.By, one.deed())
	return r.policy.opened(m.ID(), opened.ID), nil
}

// composeTries is how often reading the thread is tried before the message
// goes without what was said earlier.
const composeTries = 3

// deliver composes the message and sends it.
func (r *Relay) deliver(ctx context.Context, claim *Claim, to *route, m *MessageRow) (Decide, error) {
	id := m.ID()
	t := &claim.Rows.Thread
	if m.unproven(claim.At) && (m.Delivery.unproven(claim.At) || !t.Session.began(m)) {
		return r.policy.proveMessages(), nil
	}
	framing := claim.Rows.framing(m)
	prompt, err := r.cfg.Slack.Compose(ctx, m.Message, framing)
	if err != nil {
		return r.policy.vetted(id, r.policy.unready(id, true, err)), err
	}
	r.limit(prompt.Later, claim.Rows.Messages)
	for _, l := range prompt.Later {
		claim.Also = append(claim.Also, l.TS) // it may be known and at rest
	}
	switch err := r.begin(ctx, claim, r.policy.begin(id, m.Rev, framing, prompt)); {
	case errors.Is(err, errSlowMark):
		return r.policy.unsent(id, err), err
	case err != nil:
		return r.unbegun(ctx, claim, step{kind: StepSend, row: id}, err)
	}
	return r.transmit(ctx, claim, to, id, prompt)
}

// framing tells what surrounds the message on its way to the agent.
func (r *Rows) framing(m *MessageRow) Framing {
	t := &r.Thread
	f := Framing{
		First: !t.Session.Primed || t.rereads(m), Bare: m.Composed >= composeTries,
		Late: tsBefore(m.TS, t.LastSent), Correction: m.Of != "",
		Applied: len(m.Options) > 0 && t.Session.For == m.ID(),
	}
	if tsBefore(t.Unseen.After, m.TS) && !f.First && !f.Late && m.Of == "" && m.Words == "" {
		f.Since = t.Unseen.After
	}
	return f
}

// transmit sends a message that was begun.
func (r *Relay) transmit(ctx context.Context, claim *Claim, to *route, id string, prompt Prompt) (Decide, error) {
	event, err := to.Agen.SendMessage(ctx, claim.Rows.Thread.Session.ID, prompt.Text, id)
	if err = to.heard(ctx, err); err != nil {
		return r.policy.unsent(id, err), err
	}
	claim.Patient = true
	got := Sighting{EventID: event.ID, ClientID: event.ClientID, Status: event.Status}
	return r.policy.sent(id, got, prompt.Unread), nil
}

// began reports whether the session was opened for the message and has nothing
// yet: there is nothing to look for.
func (s *Session) began(m *MessageRow) bool {
	return s.For == m.TS && !s.Primed && s.Opened.After(m.Accepted)
}

// rereads reports whether the message is the thread's first though a later one
// was sent before it: what was said in between counted as background.
func (t *Thread) rereads(m *MessageRow) bool {
	return m.TS == t.First && tsBefore(m.TS, t.LastSent)
}

// unbegun decides what follows when the store would not take a mark. A row
// that changed meanwhile is looked at anew; a disk that fails is not asked
// again at once.
func (r *Relay) unbegun(ctx context.Context, claim *Claim, s step, err error) (Decide, error) {
	if errors.Is(err, ErrChanged) || errors.Is(err, ErrLost) {
		return nil, nil
	}
	if errors.Is(err, Broken) {
		return r.policy.broken(s), err
	}
	r.log.LogAttrs(ctx, slog.LevelError, "mark a delivery as begun",
		slog.String("thread", string(claim.Thread)), slog.String("lane", string(claim.Remote)), slog.Any("err", err))
	return r.policy.rest(s.kind, time.Second), nil
}

// poll reads the timeline for news. It is not worth keeping a message waiting
// for: one that comes in meanwhile ends it.
func (r *Relay) poll(ctx context.Context, claim *Claim, to *route) (Decide, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		select {
		case <-claim.Changed:
			cancel(errSomethingCame)
		case <-ctx.Done():
		}
	}()
	decide, err := r.timeline(ctx, claim, to, claim.Rows.Memo.ETag)
	interrupted := errors.Is(context.Cause(ctx), errSomethingCame)
	cancel(nil)
	<-watch
	if err != nil && interrupted {
		return nil, nil
	}
	return decide, err
}

var errSomethingCame = errors.New("something came in for the thread")

// timeline reads the session's timeline for what became of our messages, and
// for news. With an etag it need not be read when it is still the same.
func (r *Relay) timeline(ctx context.Context, claim *Claim, to *route, etag string) (Decide, error) {
	byID := map[string]string{}
	for id, m := range claim.Rows.Messages {
		byID[id] = id
		if m.Receipt != "" {
			byID[m.Receipt] = id
		}
	}
	found := Timeline{Session: claim.Rows.Thread.Session.ID, Ours: map[string]Sighting{}}
	var print maphash.Hash
	print.SetSeed(printSeed)
	started := r.cfg.Now()
	if found.Looked = claim.Rows.Thread.reviewing(claim.At); found.Looked {
		var err error
		if found.Standing, err = r.standing(ctx, claim.Thread); err != nil {
			return r.policy.unseeing(err), err
		}
	}
	etag, err := to.Agen.Timeline(ctx, claim.Rows.Thread.Session.ID, etag, func(e *agen.RawEvent) error {
		print.Write(e.ID())
		print.WriteString(string(e.Status()))
		print.Write(e.UpdatedAt())
		kind := e.Type()
		if works(kind) {
			found.newest.keep(e)
			found.harvest(e)
		}
		ours := kind == agen.EventUserMessage && found.note(e, byID)
		if found.Looked && kind == agen.EventUserMessage {
			found.said(e)
		}
		if tells(kind) && !ours {
			found.consider(e, claim.Rows.Thread.Seen)
		}
		return nil
	})
	if errors.Is(err, agen.ErrNotModified) {
		claim.Patient = true
		return r.policy.unchanged(r.cfg.Now().Sub(started)), to.heard(ctx, nil)
	}
	if err = to.heard(ctx, err); err != nil {
		return r.policy.unread(err), err
	}
	found.Print, found.Took = print.Sum64()|1, r.cfg.Now().Sub(started)
	found.ETag = etag
	found.inOrder()
	claim.Also, claim.Patient = found.rows(), len(found.News) == 0
	found.gather()
	return r.policy.read(found), nil
}

// said takes down when somebody last said something.
func (t *Timeline) said(e *agen.RawEvent) {
	event := e.Event()
	if at, ok := event.Time(); ok && at.After(t.Said) {
		t.Said = at
	}
}

// printSeed makes fingerprints comparable within this process; they are never
// stored.
var printSeed = maphash.MakeSeed()

// note takes down a message of a person, and reports whether it is ours.
func (t *Timeline) note(e *agen.RawEvent, byID map[string]string) bool {
	client := string(e.ClientID())
	id, ours := byID[client]
	if !ours || client == "" {
		id, ours = byID[string(e.ID())]
	}
	if !ours {
		t.Unmarked = t.Unmarked || client == ""
		return false
	}
	// Sent twice by nobody of ours; if it stands there twice all the same,
	// the first one counts.
	if _, twice := t.Ours[id]; !twice {
		t.Ours[id] = Sighting{EventID: string(e.ID()), ClientID: client, Status: e.Status()}
	}
	return true
}
