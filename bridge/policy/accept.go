package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// AcceptMessage accepts or ignores a message, no matter how it was delivered. With a
// draft, a message that can be sent at once is marked as in flight in the same decision.
// draft may be nil.
func (p *Policy) AcceptMessage(m bridge.Message, draft *bridge.Draft, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if *v = p.acceptMessage(state, m, at); v.Ignored != bridge.IgnoredKnown {
			p.RetryBlocked(state, at)
		}
		if !v.New {
			return nil
		}
		p.authorWroteAgain(state, m, at)
		p.Apply(state, at)
		return p.beginFast(state, m.TS, draft, at)
	}
}

// AcceptDeletion handles the deletion of a message in Slack.
func (p *Policy) AcceptDeletion(d bridge.Deletion, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		*v = p.acceptDeletion(state, d.TS, at)
		if v.New {
			p.RetryBlocked(state, at)
			p.Apply(state, at)
		}
		return nil
	}
}

// AcceptClick handles a click. Each button works once: afterwards the post shows who
// chose what, and has no buttons.
func (p *Policy) AcceptClick(c bridge.Click, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.RetryBlocked(state, at)
		*v = p.acceptClick(state, c, at)
		if post := state.Posts[c.Post]; post != nil {
			record.NoteResponseURL(post, c.ResponseURL, at)
		}
		if v.New {
			p.Apply(state, at)
		}
		return nil
	}
}
