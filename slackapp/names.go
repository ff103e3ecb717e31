package slackapp

import (
	"cmp"
	"context"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// nameResolver resolves the names for one message. If a name can't be looked up, it returns the id. It must not be used by
// several goroutines.
type nameResolver struct {
	ctx  context.Context //nolint:containedctx // lives as long as one message is composed
	dir  *directory
	self botIdentity
}

func (r nameResolver) User(id string) string {
	if id == r.self.User {
		return cmp.Or(content.CleanName(r.self.Name), id)
	}
	if validID(id) {
		if p, err := r.dir.people.get(r.ctx, id); err == nil {
			return p.name
		}
	}
	return content.CleanName(id)
}

func (r nameResolver) Channel(id string) string {
	if validID(id) {
		if ch, err := r.dir.channels.get(r.ctx, id); err == nil {
			return ch.name
		}
	}
	return content.CleanName(id)
}

func (r nameResolver) Group(id string) string {
	if handles, err := r.dir.groupNames.get(r.ctx, ""); err == nil && handles[id] != "" {
		return handles[id]
	}
	return content.CleanName(id)
}

// ctxFault returns a Fault if the context has ended, because names may be missing in the prompt then.
func ctxFault(ctx context.Context) error {
	if ctx.Err() != nil {
		return &bridge.Fault{Class: bridge.ClassTemporary, Remote: bridge.ToSlack, Err: context.Cause(ctx)}
	}
	return nil
}
