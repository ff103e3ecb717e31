package policy

import (
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// commandOf returns the command that the message stands for in this thread, or "". A
// message without a mention counts as a command only if there is something to stop and no
// question is open.
func (p *Policy) commandOf(state *bridge.ThreadState, m bridge.Message) string {
	if m.Kind == bridge.KindReply && (!p.Listens(&state.Thread) || asking(state) || !working(state, m.TS)) {
		return ""
	}
	return m.Command
}

// asking reports whether a question of the agent is open.
func asking(state *bridge.ThreadState) bool {
	for _, post := range state.Posts {
		if post.Ask && post.Open {
			return true
		}
	}
	return false
}

// working reports whether the agent is working in the thread, or whether messages wait
// for it, not counting the message with the given ts.
func working(state *bridge.ThreadState, except string) bool {
	for _, m := range state.Messages {
		if m.TS != except && (m.Waiting() && m.Command == "" || !m.Final() && m.LeftSession == "") {
			return true
		}
	}
	s := &state.Thread.Session
	return s.ID != "" && !s.Closed && s.Card.Phase == bridge.PhaseWorking && s.Card.Activity != bridge.Activity{}
}

// takeCommand updates the record with the command of a new version of its message.
func (p *Policy) takeCommand(state *bridge.ThreadState, rec *bridge.MessageRecord, m bridge.Message) {
	rec.Command, rec.Word, rec.Session = p.commandOf(state, m), m.Word, m.Session
}

// holdNearMiss holds a message that is almost a command, and asks its author in a private
// note whether it is meant as that command.
func (p *Policy) holdNearMiss(state *bridge.ThreadState, m *bridge.MessageRecord, at bridge.Instant) {
	record.HoldMessage(m, bridge.HoldNearMiss)
	m.NoteKey = project.NearMissKey(m.TS)
	p.PostPrivate(state, m.NoteKey, m.Author, &bridge.Note{Kind: bridge.NoteNearMiss, Word: m.Meant}, at)
	record.Audit(state, bridge.AuditEvent{Event: "message_held", Record: m.ID(), Reason: string(bridge.HoldNearMiss)})
}

// releaseNearMiss makes such a message ready: as the given command, or as text for the
// agent if command is empty. The private note is deleted.
func (p *Policy) releaseNearMiss(state *bridge.ThreadState, m *bridge.MessageRecord, command string, at bridge.Instant) {
	p.DeletePost(state, project.NearMissKey(m.TS), at)
	m.Command, m.Word, m.Meant, m.NoteKey = command, m.Meant, "", ""
	if m.State == bridge.StateHeld {
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now}
	}
	m.Touch()
	p.enqueue(state, m, at)
}

// nearMisses returns the messages that are almost a command and that nobody has decided
// about.
func nearMisses(state *bridge.ThreadState) []*bridge.MessageRecord {
	return record.InOrder(state, func(m *bridge.MessageRecord) bool {
		return m.State == bridge.StateReady && m.Meant != "" || m.State == bridge.StateHeld && m.Hold == bridge.HoldNearMiss
	})
}

// authorWroteAgain sends the author's earlier near misses to the agent when the author
// writes a new message: writing on counts as "not a command".
func (p *Policy) authorWroteAgain(state *bridge.ThreadState, m bridge.Message, at bridge.Instant) {
	for _, held := range nearMisses(state) {
		if held.Author == m.Author && held.TS != m.TS {
			p.releaseNearMiss(state, held, "", at)
		}
	}
}

// nearMissesOver sends near misses to the agent that nobody has decided about in time.
func (p *Policy) nearMissesOver(state *bridge.ThreadState, at bridge.Instant) {
	for _, m := range nearMisses(state) {
		if m.State == bridge.StateHeld && !at.Now.Before(schedule.NearMissOverAt(m)) {
			p.releaseNearMiss(state, m, "", at)
		}
	}
}

// decideNearMiss handles a click on the private note.
func (p *Policy) decideNearMiss(state *bridge.ThreadState, post *bridge.PostRecord, c bridge.Click, at bridge.Instant) bridge.Result {
	held := nearMisses(state)
	i := slices.IndexFunc(held, func(m *bridge.MessageRecord) bool { return m.NoteKey == post.Key })
	if i < 0 { // the message was released before the click
		p.DeletePost(state, post.Key, at)
		return bridge.Result{New: true}
	}
	command := ""
	if c.Action == bridge.ActionConfirm {
		command = bridge.CommandOf(post.Note.Word)
	}
	p.releaseNearMiss(state, held[i], command, at)
	record.Audit(state, bridge.AuditEvent{Event: "button_pressed", Record: post.Key, User: c.By, Action: c.Action})
	return bridge.Result{New: true}
}
