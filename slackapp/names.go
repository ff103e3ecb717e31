package slackapp

import (
	"cmp"
	"context"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// nameResolver answers by name what a message mentions, as well as it can: a name that can't be had is the id. It is for
// one message and not for several goroutines.
type nameResolver struct {
	ctx  context.Context //nolint:containedctx // lives as long as the composing of one message
	dir  *directory
	self botIdentity
}

func (c nameResolver) User(id string) string {
	if id == c.self.User {
		return cmp.Or(content.CleanName(c.self.Name), id)
	}
	if validID(id) {
		if p, err := c.dir.people.get(c.ctx, id); err == nil {
			return p.name
		}
	}
	return content.CleanName(id)
}

func (c nameResolver) Channel(id string) string {
	if validID(id) {
		if ch, err := c.dir.channels.get(c.ctx, id); err == nil {
			return ch.name
		}
	}
	return content.CleanName(id)
}

func (c nameResolver) Group(id string) string {
	if handles, err := c.dir.groupNames.get(c.ctx, ""); err == nil && handles[id] != "" {
		return handles[id]
	}
	return content.CleanName(id)
}
