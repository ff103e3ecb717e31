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

// sortNews runs the stages side by side until ctx ends or one of them does, and
// then stops them one after the other, each when those before have ended. A
// stage that ends before it is told to is an error.
func inOrder(ctx context.Context, log *slog.Logger, stages ...stage) error {
	type running struct {
		stop  context.CancelCauseFunc
		ended chan error
	}
	early := make(chan string, len(stages))
	all := make([]running, len(stages))
	for i, s := range stages {
		// Each has a context of its own: the end of ctx is not the end of all.
		own, stop := context.WithCancelCause(context.WithoutCancel(ctx))
		all[i] = running{stop, make(chan error, 1)}
		go func() {
			err := s.run(own)
			if own.Err() == nil {
				early <- s.name
			}
			all[i].ended <- err
		}()
	}
	var failures []error
	select {
	case <-ctx.Done():
		log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Any("cause", context.Cause(ctx)))
	case name := <-early:
		failures = append(failures, fmt.Errorf("%s: %w", name, errEndedEarly))
	}
	for i, s := range stages {
		all[i].stop(errStopping)
		if err := <-all[i].ended; err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return errors.Join(failures...)
}

var (
	errStopping   = errors.New("the daemon is stopping")
	errEndedEarly = errors.New("ended though nobody stopped it")
)
