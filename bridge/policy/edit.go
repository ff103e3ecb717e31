package policy

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// previewWait is how long a message waits for the preview of a message that it links
// to.
const previewWait = 3 * time.Second

// acceptAgain decides about a message that is known: it came by another door, it was
// edited, or Slack tells more of it than before. What says no more, and repeated words,
// change nothing. Slack stamps most edits with whole seconds: of two with the same stamp
// nobody can tell the newer, so the words are read again when they are needed.
func (p *Policy) acceptAgain(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bridge.Result {
	again, other, fuller := m.Edited == rec.Edited, m.Digest != rec.Digest, m.Parts > rec.Parts
	unclear := again && other && m.Edited != ""
	switch {
	case rec.DeletionPending, // the deletion overtook the edit
		bridge.TSBefore(m.Edited, rec.Edited), !other && !fuller, again && !unclear && !fuller:
		return bridge.Result{Ignored: bridge.IgnoredKnown}
	case unclear:
		m.Body = nil
	}
	switch {
	case rec.State == bridge.StateReady && rec.Body != nil:
		p.takeBody(state, rec, m, at)
	case rec.State == bridge.StateHeld && rec.Hold == bridge.HoldNearMiss:
		p.releaseNearMiss(state, rec, p.commandOf(state, m), at)
		p.takeCommand(state, rec, m)
	case rec.State == bridge.StateInFlight || rec.State == bridge.StateDone && rec.Receipt != "" && rec.End == "":
		follows := p.correct
		if !other {
			follows = addLatePreview
		}
		if !follows(state, rec, m, at) {
			return bridge.Result{Ignored: bridge.IgnoredKnown}
		}
	}
	name := "message_edited"
	if again && !unclear {
		name = "message_supplemented"
	}
	rec.Edited = m.Edited
	if !unclear {
		rec.Digest, rec.Parts, rec.Previews = m.Digest, m.Parts, m.Previews
	}
	rec.Touch()
	record.Audit(state, bridge.AuditEvent{Event: name, Record: rec.ID(), User: m.Author})
	return bridge.Result{New: true}
}

// takeBody has a message that was not sent say what the newer telling says. The preview
// that it may have waited for is there.
func (p *Policy) takeBody(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) {
	rec.Body, rec.Kind, rec.Options = m.Body, m.Kind, m.Options
	p.takeCommand(state, rec, m)
	if rec.Meant != "" { // it was almost a command
		if rec.Meant = m.Meant; rec.Meant == "" {
			p.enqueue(state, rec, at)
		}
	}
	if rec.AwaitsPreview && !m.AwaitsPreview && rec.Attempts == 0 {
		rec.Due = at.Now
	}
	rec.AwaitsPreview = m.AwaitsPreview
}

// addLatePreview has the preview of a linked message go along with the next message: it
// is no turn of its own. It reports false where the message has no new preview.
func addLatePreview(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, _ bridge.Instant) bool {
	if m.Previews <= rec.Previews {
		return false
	}
	if t := &state.Thread; !slices.Contains(t.LatePreviews, rec.TS) {
		t.LatePreviews = append(slices.Clone(t.LatePreviews), rec.TS)
		t.Touch()
	}
	return true
}

// correct lets the new words follow those that were sent already. A
// correction that has not left yet is replaced by a newer one. It reports
// false when the same one is on its way.
func (p *Policy) correct(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bool {
	m.Thread = state.Key
	m.Command, m.Meant = p.commandOf(state, m), ""
	c := &bridge.MessageRecord{Message: m, CorrectionOf: rec.TS, Authorized: rec.Authorized, NeedsReread: m.Body == nil}
	c.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now.Add(schedule.CorrectionQuiet)}
	if c.TS = m.Edited; c.TS == "" { // the same wording, told more fully
		c.TS = bridge.FormatTS(bridge.TSTime(m.TS).Add(time.Duration(m.Parts+1) * time.Microsecond))
		c.Due = at.Now
	}
	if same := state.Messages[c.ID()]; same != nil && (same.State != bridge.StateReady || same.NeedsReread) {
		return false
	}
	for id, old := range state.Messages {
		if old.CorrectionOf == rec.TS && old.State == bridge.StateReady {
			delete(state.Messages, id)
		}
	}
	c.Touch()
	state.Messages[c.ID()] = c
	rec.CorrectionPending = m.OverLimit == bridge.Allowed
	switch {
	case m.OverLimit != bridge.Allowed:
		c.Refused = m.OverLimit
		p.refuse(state, c, m.OverLimit, at)
	case state.Thread.Session.Closed:
		record.HoldMessage(c, bridge.HoldSessionClosed)
	case m.Edited != "" && !rec.Final():
		p.PostPrivate(state, "correction:"+rec.TS, rec.Author, &bridge.Note{Kind: bridge.NoteCorrectionFollows}, at)
	}
	state.Volatile.NextPoll = time.Time{}
	return true
}
