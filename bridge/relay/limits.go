package relay

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

// RestoreSessionCounts counts the sessions that were opened before the relay was created,
// so that a restart doesn't reset the limit. If somebody opened several sessions in one
// thread, the store knows only the last one.
func (r *Relay) RestoreSessionCounts(opened []bridge.OpenedSession) {
	for _, o := range opened {
		r.limits.sessions.take(o.By, usageOfSession(o))
	}
}

// countMessage counts a message against its author's limit, and marks it if it exceeds
// the limit. If the message is not accepted, uncount undoes the count.
func (r *Relay) countMessage(m *bridge.Message) (uncount func()) {
	who, one := m.Author, r.usageOf(*m)
	allowed, counted := r.limits.messages.take(who, one)
	m.OverLimit = bridge.Allowed
	if !allowed {
		m.OverLimit = bridge.RefusedPace
	}
	return func() {
		if counted { // otherwise another event of the same message was accepted before
			r.limits.messages.release(who, one)
		}
	}
}

// usageOf returns what a message counts as. Each wording of it counts once, at the time
// when it was written. So an edit counts like a message, and an old message that is
// edited into a mention counts now.
func (r *Relay) usageOf(m bridge.Message) usage {
	at := bridge.TSTime(cmp.Or(m.Edited, m.TS))
	if at.IsZero() {
		at = r.cfg.Now()
	}
	return usage{string(m.Thread) + " " + m.TS + " " + m.Edited, at}
}

// countEarlyReplies counts those messages that were found in the thread along with the
// one that is sent, and that are new.
func (r *Relay) countEarlyReplies(found []bridge.Message, known map[string]*bridge.MessageRecord) {
	for i := range found {
		if known[found[i].TS] == nil {
			r.countMessage(&found[i])
		}
	}
}
