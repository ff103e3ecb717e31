package relay

import (
	"github.com/agenbridge/agenbridge/bridge"
)

// RestoreSessionCounts counts the sessions that were opened before the process started,
// so that a restart doesn't lift their limit. The store knows only the last session of
// each thread.
func (r *Relay) RestoreSessionCounts(opened []bridge.OpenedSession) {
	for _, o := range opened {
		r.limits.sessions.add(o.By, usageOfSession(o))
	}
}

// overLimit reports whether the message exceeds its author's limit. It is called for
// every message, and only new ones are counted.
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

// refuseOverLimit does the same for replies that composing found in the thread. Those
// that aren't known yet will be accepted, so they count.
func (r *Relay) refuseOverLimit(found []bridge.Message, known map[string]*bridge.MessageRecord) {
	for i := range found {
		if m := &found[i]; known[m.TS] == nil && m.Edited == "" {
			m.OverLimit = r.overLimit(*m)
			r.limits.messages.add(m.Author, r.usageOf(*m))
		}
	}
}
