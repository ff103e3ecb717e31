package outcome

import (
	"cmp"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// BeginTime is how long after the time of its in-flight mark a call may be made,
// because a look-up counts from the mark. If the disk is slower, the mark is taken
// back.
const BeginTime = 5 * time.Second

// The times after which "not there" counts: a request whose connection broke may still
// be applied, and Slack's history lags behind its own posts.
const (
	missAfter    = time.Minute + BeginTime
	missGap      = 10 * time.Second
	missesNeeded = 2
	// doubtFor is how long a session must have answered 404 until it counts as gone.
	doubtFor = time.Minute
	// unreadableFor is how long a timeline that may contain an unsure message must have
	// answered 404 until the session counts as gone.
	unreadableFor = 5 * time.Minute
	// unwatchedAfter is how long a timeline must have answered 404 until it is no
	// longer read, while nothing waits: the next message finds out whether the
	// session is there.
	unwatchedAfter = time.Hour
)

// Sent records Agen's response to the send of a message.
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
		// The agent needs a moment. A hold that exists is not extended, so a busy
		// thread is still read.
		if until := state.Volatile.HoldUntil[bridge.StepRead]; !until.After(at.Now) {
			record.HoldStep(state, bridge.StepRead, at.Now.Add(time.Second))
		}
		p.Apply(state, at)
		return nil
	}
}

// FilesKey is the key of the private note that the agent can't open certain files,
// which a person gets once per thread.
func FilesKey(person string) string { return "files:" + person }

// tellOmitted tells the author of a message that the agent has what did not go along.
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
// status only if no read has set it.
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
	// The event is recognized as ours even after this record is pruned.
	t.Seen = t.Seen.With([]bridge.SeenEvent{{ID: bridge.Hash64([]byte(got.EventID))}})
	t.Session.HasContext, t.Session.NotFoundStreak, t.Session.LastNews, t.Session.PollingStopped = true, bridge.NotFoundStreak{}, at.Now, false
	t.Touch()
	state.Volatile.NextPoll = time.Time{}
	record.Audit(state, bridge.AuditEvent{
		Event: bridge.AuditSent, Record: m.ID(), Session: t.Session.ID, AgenEvent: got.EventID, Status: got.Status, Delay: delay,
	})
}

// sendDelay is how long a message took from Slack's ts to the call that sent it. It
// is 0 where that is not known, or where a person decided when it was sent.
func sendDelay(m *bridge.MessageRecord) time.Duration {
	if m.InFlightSince.IsZero() || m.MayOpenSession {
		return 0
	}
	return delay(bridge.TSTime(m.TS), m.InFlightSince)
}

// delay is the time from one instant to another on another clock, which may be
// behind. It is 0 only if the first one is not known.
func delay(from, to time.Time) time.Duration {
	if from.IsZero() {
		return 0
	}
	return max(to.Sub(from), time.Millisecond)
}
