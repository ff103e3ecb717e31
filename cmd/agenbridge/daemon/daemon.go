package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/agenbridge/agenbridge/store"
)

// Run runs the bridge until ctx ends, then shuts down gracefully and returns
// nil. It returns an error if it can't start or can't go on because the store or
// an address can't be used. Remotes that can't be reached, or that refuse a
// credential, are no reason to return: it keeps retrying.
func Run(ctx context.Context, cfg Config, opts Options) error {
	d, err := newDaemon(cfg, opts)
	if err != nil {
		return errors.Join(err, closeAll(opts.Probe, opts.Admin))
	}
	d.metrics.registry.MustRegister(newGauges(d))
	probes, err := d.listen(ctx)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	serving, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	go func() {
		err := probes.serve()
		if err != nil {
			broken(err) // without its probes nobody can see the daemon's health
		}
		served <- err
	}()
	err = d.runBridge(serving)
	return errors.Join(err, probes.close(), <-served)
}

// runBridge opens the store and runs the stages until ctx ends. Its error says why
// the bridge could not start, or why it stopped before ctx ended.
func (d *daemon) runBridge(ctx context.Context) (err error) {
	d.log.LogAttrs(ctx, slog.LevelInfo, "starting", slog.String("version", d.opts.Version),
		slog.String("go", runtime.Version()), slog.String("store", string(d.cfg.StoreURL)))
	for _, s := range d.cfg.Suggestions {
		d.log.LogAttrs(ctx, slog.LevelWarn, "unknown variable", slog.String("variable", s.Name), slog.String("suggestion", s.Meant))
	}
	config, err := d.storeConfig()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, config)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped while it waited for the lock
		}
		return fmt.Errorf("open the store: %w", err)
	}
	d.store.Store(s)
	d.slack.UseAliases(s)
	defer func() { err = errors.Join(err, s.Close()) }()
	relay := relay.New(d.relayConfig(s))
	d.relay.Store(relay)
	stages := []stage{{"credentials", d.credentials.run}}
	if d.cfg.Backfill > 0 {
		stages = append(stages, stage{"backfill", d.slack.NewBackfill(relay, s, d.cfg.Backfill).Run})
	}
	err = runStages(ctx, d.log, append(stages,
		stage{"slack", func(ctx context.Context) error { return d.slack.Run(ctx, relay) }},
		stage{"relay", relay.Run},
		stage{"store", s.Run},
		stage{"limits", func(ctx context.Context) error { d.restoreSessionCounts(ctx, s, relay); return nil }},
	)...)
	d.closeIdleConnections()
	d.log.LogAttrs(ctx, slog.LevelInfo, "stopped")
	return err
}

// restoreSessionCounts counts the sessions of the last day for
// LIMIT_SESSIONS_PER_USER, in the background so that it doesn't delay the start.
// It returns when ctx ends.
func (d *daemon) restoreSessionCounts(ctx context.Context, s *store.Store, relay *relay.Relay) {
	if d.cfg.LimitSessionsPerUser > 0 {
		opened, err := s.OpenedWithin(ctx, 24*time.Hour)
		if err != nil && ctx.Err() == nil {
			d.log.LogAttrs(ctx, slog.LevelWarn, "sessions of the last day are not counted", slog.Any("err", err))
		}
		relay.RestoreSessionCounts(opened)
	}
	<-ctx.Done()
}
