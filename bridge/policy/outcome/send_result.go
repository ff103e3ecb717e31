package outcome

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// BeginTime is how long after the time of its mark a call may be made: a look-up
// counts from the mark. With a disk that is slower the mark is taken back.
const BeginTime = 5 * time.Second

// The times after which "not there" counts: an abandoned request may still
// be applied, and Slack's history lags behind its own posts.
const (
	missAfter    = time.Minute + BeginTime
	missGap      = 10 * time.Second
	missesNeeded = 2
	// doubtFor is how long a session must have answered 404 to be gone.
	doubtFor = time.Minute
	// unreadableFor is how long a timeline that may hold an unsure message
	// must have answered 404 until the session counts as gone.
	unreadableFor = 5 * time.Minute
)

// Sent notes the session's receipt for a message.
func (p *Rules) Sent(id string, got timeline.Entry, unread []string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[id]
		if m == nil || m.State != bridge.StateInFlight {
			return nil
		}
		if got.ClientID == id {
			state.Thread.Session.EchoesClientIDs = true
		}
		p.deliver(state, m, got, at)
		if len(unread) > 0 {
			p.PostPrivate(state, "files:"+id, m.Author, &bridge.Note{Kind: bridge.NoteUnreadFiles, Files: unread}, at)
		}
		// The agent needs a moment; but a thread that never falls silent is
		// read all the same.
		if until := state.Volatile.HoldUntil[bridge.StepRead]; !until.After(at.Now) {
			record.HoldStep(state, bridge.StepRead, at.Now.Add(time.Second))
		}
		p.Apply(state, at)
		return nil
	}
}

// deliver settles a message that is in the timeline. The answer to a send
// sets the status only where no read has.
func (p *Rules) deliver(state *bridge.ThreadState, m *bridge.MessageRecord, got timeline.Entry, at bridge.Instant) {
	m.State, m.Receipt, m.Body, m.Settled = bridge.StateDone, got.EventID, nil, at.Now
	m.Hold, m.Fault, m.Reason = "", "", ""
	if !m.FromTimeline {
		m.Status = got.Status
	}
	m.Touch()
	t := &state.Thread
	if bridge.TSBefore(t.LastSent, m.TS) {
		t.LastSent, t.Asker = m.TS, m.Author
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
	// Its event is ours, also when this row is long forgotten.
	t.Seen = t.Seen.With([]bridge.SeenEvent{{ID: bridge.Hash64([]byte(got.EventID))}})
	t.Session.HasContext, t.Session.NotFoundStreak, t.Session.LastNews, t.Session.PollingStopped = true, bridge.NotFoundStreak{}, at.Now, false
	t.Touch()
	state.Volatile.NextPoll = time.Time{}
	record.Audit(state, "message_sent", m.ID(), got.EventID)
}
