package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// stage is a part of the daemon that runs until its context ends.
type stage struct {
	name string
	run  func(context.Context) error
}

// runStages runs the stages concurrently until ctx ends or one of them returns.
// It then shuts them down one by one, in their order: each is told to stop once
// all before it have returned. A stage that returns before it is told to is an
// error, its own if it has one.
func runStages(ctx context.Context, log *slog.Logger, stages ...stage) error {
	type running struct {
		stop     context.CancelCauseFunc
		returned chan error
	}
	early := make(chan string, len(stages))
	all := make([]running, len(stages))
	for i, s := range stages {
		// Each stage has a context of its own, because the end of ctx must not
		// stop all of them at once.
		own, stop := context.WithCancelCause(context.WithoutCancel(ctx))
		all[i] = running{stop, make(chan error, 1)}
		go func() {
			err := s.run(own)
			if own.Err() == nil {
				early <- s.name
			}
			all[i].returned <- err
		}()
	}
	var failures []error
	var returned string
	select {
	case <-ctx.Done():
		log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Any("cause", context.Cause(ctx)))
	case returned = <-early:
	}
	for i, s := range stages {
		all[i].stop(errStopping)
		err := <-all[i].returned
		if err == nil && s.name == returned {
			err = errReturnedEarly
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return errors.Join(failures...)
}

var (
	errStopping      = errors.New("the daemon is stopping")
	errReturnedEarly = errors.New("returned before it was told to stop")
)
