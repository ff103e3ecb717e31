package bridge

import (
	"context"
	"time"
)

// LineGap is how long after a person's last line in a direct message the next
// one still belongs to the same thread.
const LineGap = 2 * time.Minute

// homeOf returns the thread that something in a direct message belongs to: its
// own, or the one that its line continues. A line that is new there continues
// the last thread since the key, if there is one; what was decided once is on
// disk, so that it is the same when the line comes again.
func (r *Relay) homeOf(ctx context.Context, own, since ThreadKey, line *Message) (ThreadKey, error) {
	home := own
	err := r.cfg.Intake.Accept(ctx, own, nil, func(rows *Rows, _ Moment) error {
		home = rows.home()
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
	err = r.cfg.Intake.Accept(ctx, own, []string{line.TS}, func(rows *Rows, at Moment) error {
		if t := &rows.Thread; t.Vacant() && rows.Messages[line.TS] == nil {
			t.Started, t.Continues = at.Now, key
			t.Touch()
		}
		home = rows.home()
		return nil
	})
	return home, err
}

// home is the thread that has what is said here.
func (r *Rows) home() ThreadKey {
	if r.Thread.Continues != "" {
		return r.Thread.Continues
	}
	return r.Key
}
