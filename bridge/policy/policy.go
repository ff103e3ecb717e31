package policy

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
)

// Policy makes the decisions, by the settings that the operator chose. Its methods
// return functions over a thread's state.
type Policy struct {
	outcome.Rules
	// AskAfter is the age from which a missed message is held and a person is asked
	// before it is sent; 0 means one hour, negative means always.
	AskAfter time.Duration
	// Route returns the name of the route of a new thread; nil means the default route
	// for all.
	Route func(bridge.ThreadKey) string
	// Options are the names of the options that a first message may begin with.
	Options []string
	// LinkAny lets people link any session of the workspace to a thread, and not only
	// sessions that they opened.
	LinkAny bool
	// MessagesPerMinute is how many messages a person may write in a minute, and
	// SessionsPerDay how many sessions a person may open in a day; 0 for no limit.
	MessagesPerMinute, SessionsPerDay int
	// Mirror shows in the thread what people type in the Agen app.
	Mirror bool
	// PostLimit is how much Markdown one post may have, in characters; 0 means 11,500.
	// A payload takes 12,000 in its markdown blocks
	// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and the marks
	// that splitting adds need some room, as does the heading of a note.
	PostLimit int
}

// PostChars returns PostLimit or its default.
func (p *Policy) PostChars() int { return cmp.Or(p.PostLimit, 11_500) }

func (p *Policy) askAfter() time.Duration {
	if p.AskAfter != 0 {
		return p.AskAfter
	}
	return time.Hour
}

// ShowTimePassed updates what the thread shows because time has passed, and ends what
// waits for a person until then.
func (p *Policy) ShowTimePassed() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.nearMissesOver(state, at)
		p.Apply(state, at)
		return nil
	}
}

// RouteOf returns the name of the route of a new thread.
func (p *Policy) RouteOf(thread bridge.ThreadKey) string {
	if p.Route == nil {
		return ""
	}
	return p.Route(thread)
}
