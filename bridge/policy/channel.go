package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// GreetingKey is the key of the greeting for one invitation.
func GreetingKey(a bridge.BotJoin) string { return "greeting:" + a.TS }

// BotJoined posts a greeting that says what the bot is for and what it does with
// messages. It does so once per invitation.
func (p *Policy) BotJoined(a bridge.BotJoin, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if state.Posts[GreetingKey(a)] != nil {
			*v = bridge.Result{Ignored: bridge.IgnoredKnown}
			return nil
		}
		*v = bridge.Result{New: true}
		p.UpsertPost(state, bridge.Post{Key: GreetingKey(a), Note: &bridge.Note{Kind: bridge.NoteGreeting}}, nil, at)
		record.Audit(state, bridge.AuditEvent{Event: "bot_joined", Record: GreetingKey(a)})
		return nil
	}
}

// PauseThread deletes the text of waiting messages, because the pause may be long. When
// the thread is resumed, the text is read from Slack again, and the authors are
// authorized again.
func (p *Policy) PauseThread() bridge.Decision {
	return func(state *bridge.ThreadState, _ bridge.Instant) error {
		for _, m := range state.Messages {
			if m.Waiting() && m.Body != nil && !m.Clicked() {
				record.DropText(m)
				m.Touch()
			}
		}
		return nil
	}
}

// ResumeThread makes everything that was paused due at once, as if it had just been
// accepted. Time in the pause doesn't count as delay: nobody could do anything about it,
// and Agen was not unreachable.
func (p *Policy) ResumeThread() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile = bridge.Volatile{}
		p.RetryBlocked(state, at)
		for _, m := range state.Messages {
			switch {
			case m.State == bridge.StateReady && !record.MayBeDoneElsewhere(&m.Delivery, at):
				m.Due, m.Authorized = at.Now, false
				if !m.Delayed {
					m.Accepted = at.Now
				}
				m.Touch()
			case m.State == bridge.StateInFlight && !m.Delayed, m.State == bridge.StateHeld && m.Hold == bridge.HoldStale:
				m.Accepted = at.Now
				m.Touch()
			}
		}
		p.Apply(state, at)
		return nil
	}
}
