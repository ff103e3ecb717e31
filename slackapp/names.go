package slackapp

import (
	"cmp"
	"context"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// called answers by name what a message mentions, as well as it can: a name that can't be had is the id. It is for
// one message and not for several goroutines.
type called struct {
	ctx  context.Context //nolint:containedctx // lives as long as the composing of one message
	dir  *directory
	self self
}

func (c called) User(id string) string {
	if id == c.self.User {
		return cmp.Or(content.CleanName(c.self.Name), id)
	}
	if validID(id) {
		if p, err := c.dir.people.of(c.ctx, id); err == nil {
			return p.name
		}
	}
	return content.CleanName(id)
}

func (c called) Channel(id string) string {
	if validID(id) {
		if ch, err := c.dir.channels.of(c.ctx, id); err == nil {
			return ch.name
		}
	}
	return content.CleanName(id)
}

func (c called) Group(id string) string {
	if handles, err := c.dir.handles.of(c.ctx, ""); err == nil && handles[id] != "" {
		return handles[id]
	}
	return content.CleanName(id)
}
