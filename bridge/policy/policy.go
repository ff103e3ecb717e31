package policy

import (
	"cmp"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
)

// Policy is what the operator decided, and with it the decisions themselves:
// its methods say what follows from what, as functions over rows.
type Policy struct {
	outcome.Rules
	// AskAfter is how old a message may be that was missed to be sent without
	// asking; 0 means one hour, negative that it is always asked.
	AskAfter time.Duration
	// Route names the route of a thread that begins; nil means the default one
	// for all.
	Route func(bridge.ThreadKey) string
	// Options are the names of the options that a first message may begin with.
	Options []string
	// LinkAny lets people link any session of the workspace to a thread, and not
	// only those that they asked for themselves.
	LinkAny bool
	// MessagesPerMinute is how many messages a person may write in a minute, and
	// SessionsPerDay how many sessions a person may open in a day; 0 for no limit.
	MessagesPerMinute, SessionsPerDay int
	// Mirror shows in the thread what people type in the Agen app.
	Mirror bool
	// PostLimit is how much Markdown Slack shows in one post, in characters; 0
	// means 11,500: a payload takes 12,000 in its markdown blocks
	// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and the
	// marks that splitting adds need some room, as does the heading of a note.
	PostLimit int
}

// PostChars is how many characters of Markdown one post may have: PostLimit or its
// default.
func (p *Policy) PostChars() int { return cmp.Or(p.PostLimit, 11_500) }

func (p *Policy) askAfter() time.Duration {
	if p.AskAfter != 0 {
		return p.AskAfter
	}
	return time.Hour
}

// ShowTimePassed decides that time has passed.
func (p *Policy) ShowTimePassed() bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		p.Apply(state, at)
		return nil
	}
}

// RouteOf names the route of a thread that begins.
func (p *Policy) RouteOf(thread bridge.ThreadKey) string {
	if p.Route == nil {
		return ""
	}
	return p.Route(thread)
}
