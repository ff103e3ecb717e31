package relay

import (
	"cmp"
	"context"
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
)

// runCommand executes a message that is a command.
func (r *Relay) runCommand(ctx context.Context, claim *bridge.Claim, m *bridge.MessageRecord) (bridge.Decision, error) {
	switch m.Command {
	case bridge.CommandList:
		return r.list(ctx, m)
	case bridge.CommandLink:
		return r.link(ctx, claim, m)
	case bridge.CommandStop:
		return r.policy.Stop(m.ID()), nil
	default:
		return r.policy.Command(m.ID()), nil
	}
}

// list answers privately with the author's open threads.
func (r *Relay) list(ctx context.Context, m *bridge.MessageRecord) (bridge.Decision, error) {
	var open []bridge.OwnThread
	err := r.cfg.Threads.Each(ctx, func(key bridge.ThreadKey, t *bridge.Thread) error {
		s := &t.Session
		if s.ID != "" && !s.Closed && (t.Asker == m.Author || s.Card.Asker == m.Author) {
			open = append(open, bridge.OwnThread{Key: key, Thread: *t})
		}
		return nil
	})
	if err != nil {
		return r.policy.ComposeFailed(m.ID(), false, err), err
	}
	slices.SortFunc(open, func(a, b bridge.OwnThread) int {
		return cmp.Or(b.Thread.Session.LastNews.Compare(a.Thread.Session.LastNews), cmp.Compare(a.Key, b.Key))
	})
	return r.policy.Reply(m.ID(), policy.ListNote(open)), nil
}
