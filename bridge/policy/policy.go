package policy

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
)

// Policy creates the decisions, according to the operator's settings. Its methods return
// functions that change the state of a thread.
type Policy struct {
	outcome.Rules
	// AskAfter is the age above which a missed message is held until a person agrees to
	// send it. 0 means one hour, a negative value means that a person is always asked.
	AskAfter time.Duration
	// Route returns the name of the route for a new thread. nil means that all threads
	// use the default route.
	Route func(bridge.ThreadKey) string
	// Options are the names of the options that may precede a first message.
	Options []string
	// LinkAny lets people link any session of the workspace to a thread. Otherwise they
	// can link only sessions that they opened.
	LinkAny bool
	// MessagesPerMinute is the maximum number of messages per person and minute, and
	// SessionsPerDay is the maximum number of sessions that a person may open per day. 0
	// means no limit.
	MessagesPerMinute, SessionsPerDay int
	// Mirror shows messages in the thread that people type in the Agen app.
	Mirror bool
	// PostLimit is the maximum length of the Markdown in one post, in characters. 0 means
	// 11,500. Slack accepts 12,000 characters in the markdown blocks of one payload
	// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block). The difference
	// is a reserve for the markup that splitting adds and for the heading of a note.
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

// ShowTimePassed updates what depends on the time: it projects the state again, and ends
// decisions that people were given limited time for.
func (p *Policy) ShowTimePassed() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.nearMissesOver(state, at)
		p.Apply(state, at)
		return nil
	}
}

// RouteOf returns the name of the route for a new thread.
func (p *Policy) RouteOf(thread bridge.ThreadKey) string {
	if p.Route == nil {
		return ""
	}
	return p.Route(thread)
}
