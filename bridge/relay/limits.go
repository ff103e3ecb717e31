package relay

import (
	"github.com/agenbridge/agenbridge/bridge"
)

// RestoreSessionCounts counts sessions that were opened before the relay was made, so that
// a restart is no way around their limit. Of a thread in which somebody opened
// several the store knows the last.
func (r *Relay) RestoreSessionCounts(opened []bridge.OpenedSession) {
	for _, o := range opened {
		r.limits.sessions.add(o.By, usageOfSession(o))
	}
}

// overLimit says whether the message is one too many of its author's. It is asked
// for all that comes in, and counts for what is new.
func (r *Relay) overLimit(m bridge.Message) bridge.Refusal {
	if r.limits.messages.full(m.Author, r.usageOf(m)) {
		return bridge.RefusedPace
	}
	return bridge.Allowed
}

func (r *Relay) usageOf(m bridge.Message) usage {
	at := bridge.TSTime(m.TS)
	if at.IsZero() {
		at = r.cfg.Now()
	}
	return usage{string(m.Thread) + " " + m.TS, at}
}

// refuseOverLimit does the same for what was found in the thread beside the message that
// is sent, of which what is not known yet is taken on.
func (r *Relay) refuseOverLimit(found []bridge.Message, known map[string]*bridge.MessageRecord) {
	for i := range found {
		if m := &found[i]; known[m.TS] == nil && m.Edited == "" {
			m.OverLimit = r.overLimit(*m)
			r.limits.messages.add(m.Author, r.usageOf(*m))
		}
	}
}
