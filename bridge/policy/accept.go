package policy

import (
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// AcceptMessage decides what becomes of a message, by whichever path it came. With a
// draft, a message that can be sent at once is in flight as soon as it is accepted;
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

// AcceptDeletion decides what becomes of a message that was deleted in Slack.
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

// AcceptClick decides what a click does. Each button works once; after that the post
// names the person and the choice and has no buttons.
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
