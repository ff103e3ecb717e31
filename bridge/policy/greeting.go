package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// GreetingKey is the key of the greeting for one invitation.
func GreetingKey(a bridge.BotJoin) string { return "greeting:" + a.TS }

// BotJoined says once for each invitation what the bot is for and what it does with
// what people say.
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
