package bridge

import (
	"context"
	"time"
)

// LineGap is how long after a person's last line in a direct message the next
// one still belongs to the same thread.
const LineGap = 2 * time.Minute

// dmThreadOf returns the thread that something in a direct message belongs to: its
// own, or the one that its line continues. A line that is new there continues
// the last thread since the key, if there is one; what was decided once is on
// disk, so that it is the same when the line comes again.
func (r *Relay) dmThreadOf(ctx context.Context, own, since ThreadKey, line *Message) (ThreadKey, error) {
	home := own
	err := r.cfg.Intake.Accept(ctx, own, nil, func(rows *ThreadState, _ Instant) error {
		home = rows.continuesOrSelf()
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
	err = r.cfg.Intake.Accept(ctx, own, []string{line.TS}, func(rows *ThreadState, at Instant) error {
		if t := &rows.Thread; t.Unbound() && rows.Messages[line.TS] == nil {
			t.Started, t.Continues = at.Now, key
			t.Touch()
		}
		home = rows.continuesOrSelf()
		return nil
	})
	return home, err
}

// continuesOrSelf is the thread that has what is said here.
func (r *ThreadState) continuesOrSelf() ThreadKey {
	if r.Thread.Continues != "" {
		return r.Thread.Continues
	}
	return r.Key
}
