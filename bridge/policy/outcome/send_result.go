package outcome

import (
	"cmp"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// BeginTime is the maximum time between the in-flight mark and the call. A look-up counts
// from the mark, so it could miss a call that is made later. If the disk is slower, the
// mark is undone and the call is not made.
const BeginTime = 5 * time.Second

// The times after which "not found" counts as evidence. A request whose connection broke
// may still be applied, and Slack's history lags behind its own posts.
const (
	missAfter    = time.Minute + BeginTime
	missGap      = 10 * time.Second
	missesNeeded = 2
	// doubtFor is how long a session must return 404 before it counts as gone.
	doubtFor = time.Minute
	// unreadableFor is how long a timeline that may contain an unsure message must return
	// 404 before the session counts as gone.
	unreadableFor = 5 * time.Minute
	// unwatchedAfter is how long a timeline must return 404 before it is no longer read,
	// if nothing waits. The next message then shows whether the session exists.
	unwatchedAfter = time.Hour
)

// Sent records Agen's response to a send.
func (p *Rules) Sent(id string, got timeline.Entry) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateInFlight {
			return nil
		}
		if got.ClientID == id {
			state.Thread.Session.EchoesClientIDs = true
		}
		p.deliver(state, m, got, at)
		// The agent needs a moment before there is news. An existing hold is not
		// extended, so that a busy thread is still read.
		if until := state.Volatile.HoldUntil[bridge.StepRead]; !until.After(at.Now) {
			record.HoldStep(state, bridge.StepRead, at.Now.Add(time.Second))
		}
		p.Apply(state, at)
		return nil
	}
}

// FilesKey is the key of the private note about files that the agent can't open. A person
// gets it once per thread.
func FilesKey(person string) string { return "files:" + person }

// tellOmitted tells the author of a message that was delivered what the prompt left out.
func (p *Rules) tellOmitted(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	if files := m.Omitted.Unopened; len(files) > 0 {
		p.PostPrivate(state, FilesKey(m.Author), m.Author, &bridge.Note{Kind: bridge.NoteUnreadFiles, Files: files}, at)
	}
	if files := m.Omitted.Unreadable; len(files) > 0 {
		p.PostPrivate(state, "unreadable:"+m.ID(), m.Author, &bridge.Note{Kind: bridge.NoteUnreadableFiles, Files: files}, at)
	}
	for _, author := range m.Omitted.Previews {
		p.PostPrivate(state, "preview:"+m.ID()+":"+author, author, &bridge.Note{Kind: bridge.NotePreviewWithheld}, at)
	}
	if m.Omitted.Background {
		p.PostPrivate(state, "background:"+m.ID(), m.Author, &bridge.Note{Kind: bridge.NoteNoBackground}, at)
	}
	m.Omitted = bridge.Omissions{}
}

// deliver settles a message that is in the timeline. The response to a send sets the
// status only if no read of the timeline has set it.
func (p *Rules) deliver(state *bridge.ThreadState, m *bridge.MessageRecord, got timeline.Entry, at bridge.Instant) {
	delay := sendDelay(m)
	m.State, m.Receipt, m.Body, m.Settled = bridge.StateDone, got.EventID, nil, at.Now
	m.Hold, m.Fault, m.FaultRemote, m.Reason = "", "", "", ""
	p.tellOmitted(state, m, at)
	if !m.FromTimeline {
		m.Status = got.Status
	}
	m.Touch()
	if m.DeletionPending {
		p.NoteTooLate(state, m, at)
	}
	t := &state.Thread
	if bridge.TSBefore(t.LastSent, m.TS) {
		t.LastSent, t.Asker = m.TS, m.Author
		if m.Choice == "" {
			t.LastPrompt = cmp.Or(m.CorrectionOf, m.TS)
		}
	}
	if m.CarriesUnseen {
		t.Unseen.After = m.TS
		if !bridge.TSBefore(m.TS, t.Unseen.To) {
			t.Unseen = bridge.Span{}
		}
	}
	if len(m.CarriesPreviews) > 0 {
		t.LatePreviews = slices.DeleteFunc(slices.Clone(t.LatePreviews), func(ts string) bool { return slices.Contains(m.CarriesPreviews, ts) })
		m.CarriesPreviews = nil
	}
	// With this, the event is recognized as ours even after the record is pruned.
	t.Seen = t.Seen.With([]bridge.SeenEvent{{ID: bridge.Hash64([]byte(got.EventID))}})
	t.Session.HasContext, t.Session.NotFoundStreak, t.Session.LastNews, t.Session.PollingStopped = true, bridge.NotFoundStreak{}, at.Now, false
	t.Touch()
	state.Volatile.NextPoll = time.Time{}
	record.Audit(state, bridge.AuditEvent{
		Event: bridge.AuditSent, Record: m.ID(), Session: t.Session.ID, AgenEvent: got.EventID, Status: got.Status, Delay: delay,
	})
}

// sendDelay returns the time between the message's Slack timestamp and the call that sent
// it. It is 0 if that is unknown, or if a person decided when to send the message.
func sendDelay(m *bridge.MessageRecord) time.Duration {
	if m.InFlightSince.IsZero() || m.MayOpenSession {
		return 0
	}
	return delay(bridge.TSTime(m.TS), m.InFlightSince)
}

// delay returns the time between two instants of different clocks. The second clock may
// be behind, so the result is at least a millisecond. It is 0 only if the first instant
// is unknown.
func delay(from, to time.Time) time.Duration {
	if from.IsZero() {
		return 0
	}
	return max(to.Sub(from), time.Millisecond)
}
