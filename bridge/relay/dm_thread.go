package relay

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// dmThreadOf returns the thread that an event in a direct message belongs to: its own,
// or the one that its line continues. A new line continues the last thread since the
// key, if there is one. That choice is on disk, so it is the same if the line is
// delivered again.
func (r *Relay) dmThreadOf(ctx context.Context, own, since bridge.ThreadKey, line *bridge.Message) (bridge.ThreadKey, error) {
	home := own
	err := r.cfg.Intake.Accept(ctx, own, nil, func(state *bridge.ThreadState, _ bridge.Instant) error {
		home = record.ContinuesOrSelf(state)
		return nil
	})
	if err != nil || home != own || line == nil || !line.Root || len(line.Options) > 0 {
		return home, err
	}
	key, last, err := r.cfg.Threads.Last(ctx, since, own)
	if err != nil || key == "" {
		return home, err
	}
	if last.Continues != "" {
		key = last.Continues
	}
	err = r.cfg.Intake.Accept(ctx, own, []string{line.TS}, func(state *bridge.ThreadState, at bridge.Instant) error {
		if t := &state.Thread; t.Unbound() && state.Messages[line.TS] == nil {
			t.Started, t.Continues = at.Now, key
			t.Touch()
		}
		home = record.ContinuesOrSelf(state)
		return nil
	})
	return home, err
}
