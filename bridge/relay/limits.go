package relay

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

// RestoreSessionCounts counts sessions that were opened before the relay was made, so that
// a restart is no way around their limit. Of a thread in which somebody opened several
// the store knows the last.
func (r *Relay) RestoreSessionCounts(opened []bridge.OpenedSession) {
	for _, o := range opened {
		r.limits.sessions.take(o.By, usageOfSession(o))
	}
}

// countMessage counts a message, unless it is one too many of its author's: then the
// message says so. uncount takes the count back, for a message that is not accepted.
func (r *Relay) countMessage(m *bridge.Message) (uncount func()) {
	who, one := m.Author, r.usageOf(*m)
	allowed, fresh := r.limits.messages.take(who, one)
	m.OverLimit = bridge.Allowed
	if !allowed {
		m.OverLimit = bridge.RefusedPace
	}
	return func() {
		if fresh { // otherwise it was accepted before, by another event
			r.limits.messages.release(who, one)
		}
	}
}

// usageOf returns what a message counts as: each wording of it once, at the time when
// it was written. So an edit counts like a message, and an old message that is edited
// into a mention counts now.
func (r *Relay) usageOf(m bridge.Message) usage {
	at := bridge.TSTime(cmp.Or(m.Edited, m.TS))
	if at.IsZero() {
		at = r.cfg.Now()
	}
	return usage{string(m.Thread) + " " + m.TS + " " + m.Edited, at}
}

// countEarlyReplies counts the messages that were found in the thread beside the one that
// is sent, as far as they are new.
func (r *Relay) countEarlyReplies(found []bridge.Message, known map[string]*bridge.MessageRecord) {
	for i := range found {
		if known[found[i].TS] == nil {
			r.countMessage(&found[i])
		}
	}
}
