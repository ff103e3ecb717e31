package policy

import (
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// previewWait is how long a message waits for the preview of a Slack message that it
// links to.
const previewWait = 3 * time.Second

// acceptAgain handles another delivery of a known message: a duplicate, an edit, or a
// version with more content. A delivery that adds nothing is ignored. Most of Slack's
// edit timestamps are in whole seconds, so two edits can have the same one, and then
// nothing tells which is newer. In that case the stored text is discarded, and the
// message is read from Slack again before it is sent.
func (p *Policy) acceptAgain(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bridge.Result {
	again, other, fuller := m.Edited == rec.Edited, m.Digest != rec.Digest, m.Parts > rec.Parts
	unclear := again && other && m.Edited != ""
	switch {
	case rec.DeletionPending, // the deletion arrived before the edit
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

// takeBody updates a message that was not sent yet to the newer version. If the message
// waited for a preview and the new version has it, the message becomes due now.
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

// addLatePreview schedules the preview of a linked message as context of the next
// message. A preview alone is not worth a turn of the agent. It returns false if the
// message has no new preview.
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

// correct queues the new wording of a message that was already sent, as a message of its
// own. It replaces an older correction that has not been sent yet. It returns false if
// the same correction was already sent, or will be read again before it is sent.
func (p *Policy) correct(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message, at bridge.Instant) bool {
	m.Thread = state.Key
	m.Command, m.Meant = p.commandOf(state, m), ""
	c := &bridge.MessageRecord{Message: m, CorrectionOf: rec.TS, Authorized: rec.Authorized, NeedsReread: m.Body == nil}
	c.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now.Add(schedule.CorrectionQuiet)}
	if c.TS = m.Edited; c.TS == "" { // not an edit: the same text with more content
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
