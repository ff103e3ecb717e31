package policy

import "github.com/agenbridge/agenbridge/bridge"

// AcceptMessage decides what becomes of a message that came in, by whichever
// path. A draft lets one that can be sent at once be in flight as soon as it is
// accepted; nil for one that can't.
func (p *Policy) AcceptMessage(m bridge.Message, draft *bridge.Draft, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		*v = p.acceptMessage(state, m, at)
		if !v.New {
			return nil
		}
		p.Apply(state, at)
		return p.beginFast(state, m.TS, draft, at)
	}
}

// AcceptDeletion decides what becomes of a message that was taken back.
func (p *Policy) AcceptDeletion(d bridge.Deletion, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		*v = p.acceptDeletion(state, d.TS, at)
		if v.New {
			p.Apply(state, at)
		}
		return nil
	}
}

// AcceptClick decides what a click does. Each button works once; the post then
// says who chose what, and has no buttons any more.
func (p *Policy) AcceptClick(c bridge.Click, v *bridge.Result) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		*v = p.acceptClick(state, c, at)
		if v.New {
			p.Apply(state, at)
		}
		return nil
	}
}
