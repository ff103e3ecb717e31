package slackapp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// BackfillStore remembers from one run of the program to the next how far the backfill has come. The store implements it.
type BackfillStore interface {
	// Swept returns the mark that SetSwept wrote last, or an empty string in a new store.
	Swept(ctx context.Context) (string, error)
	SetSwept(ctx context.Context, mark string) error
	// Recent returns the threads of ours that changed within that time, the latest change first, at most limit of them,
	// and how many more there are.
	Recent(ctx context.Context, within time.Duration, limit int) (threads []bridge.ThreadKey, more int, err error)
}

const (
	// A thread that changed within recentlyChanged is read at the start, maxAtStart of them at most.
	recentlyChanged = 7 * 24 * time.Hour
	maxAtStart      = 300
	// overlap is how much is read again before the mark: our clock is not Slack's, and an older message may have been
	// edited.
	overlap = 10 * time.Minute
	// maxHold is how long after the first socket is up messages wait until their thread was read.
	maxHold = 10 * time.Second
	// Slack allows 50 calls a minute of either method (https://docs.slack.dev/apis/web-api/rate-limits). Threads are
	// also read for prompts and look-ups.
	historyPerMinute, repliesPerMinute, backfillBurst = 40, 30, 5
)

// Backfill looks for missed messages: it reads the active threads and, after a time without a socket, the channels, and
// hands what it finds to the inlet as the sockets do. The inlet may know all of it already.
type Backfill struct {
	app     *App
	inlet   Inlet
	store   BackfillStore
	maxAge  time.Duration
	pace    map[string]*rate.Limiter // by method
	backlog *backlog
}

// NewBackfill returns the backfill of an App. It reads messages up to maxAge old. From now on App.Run reports to it.
func (a *App) NewBackfill(inlet Inlet, ledger BackfillStore, maxAge time.Duration) *Backfill {
	perMinute := func(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n)/60, backfillBurst) }
	s := &Backfill{
		app: a, inlet: inlet, store: ledger, maxAge: maxAge, backlog: newBacklog(),
		pace: map[string]*rate.Limiter{
			methodHistory: perMinute(historyPerMinute), methodReplies: perMinute(repliesPerMinute),
			methodChannels: perMinute(repliesPerMinute),
		},
	}
	a.backlog.Store(s.backlog)
	return s
}

// Run looks for missed messages until ctx ends. The error says that the store can't be read.
func (s *Backfill) Run(ctx context.Context) error {
	release := sync.OnceFunc(func() { close(s.backlog.released) })
	defer release()
	if err := s.load(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("begin the backfill: %w", err)
	}
	tick := time.NewTimer(backfillInterval)
	defer tick.Stop()
	for first := true; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-s.backlog.wake:
		case <-tick.C:
		}
		if again, ok := s.backlog.ready(); !ok {
			tick.Reset(again)
			continue
		}
		if first {
			first = false
			timer := time.AfterFunc(maxHold, release)
			defer timer.Stop()
		}
		if !s.app.recoverEvent(CounterBackfill, func() { s.runRound(ctx) }) {
			s.backlog.setChannelsDue()
		}
		release()
		tick.Reset(backfillInterval)
	}
}

// load reads the mark and the threads to begin with. In a new store the backfill begins now.
func (s *Backfill) load(ctx context.Context) error {
	mark, err := s.store.Swept(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	switch at := bridge.TSTime(mark); {
	case mark == "":
		mark = bridge.FormatTS(now.Add(overlap)) // reading begins before the mark, by the overlap
		s.storeMark(ctx, mark)
	case at.After(now.Add(2 * overlap)):
		mark = bridge.FormatTS(now) // it was written by a clock that was fast
	}
	threads, more, err := s.store.Recent(ctx, recentlyChanged, maxAtStart)
	if err != nil {
		return err
	}
	s.skipped(ctx, "threads", more)
	s.backlog.start(mark, threads)
	return nil
}

// storeMark stores the mark. If that fails, the next round does it.
func (s *Backfill) storeMark(ctx context.Context, mark string) {
	if err := s.store.SetSwept(ctx, mark); err != nil && ctx.Err() == nil {
		s.app.log.Warn("the progress of the backfill could not be stored", slog.Any("err", err))
	}
}

// skipped logs what is not read though there may be missed messages in it.
func (s *Backfill) skipped(ctx context.Context, what string, n int, attrs ...slog.Attr) {
	if n == 0 {
		return
	}
	s.app.obs.Count(CounterBackfill, BackfillSkipped)
	s.app.log.LogAttrs(ctx, slog.LevelWarn, "too much to look for missed messages in all of it",
		append(attrs, slog.String("what", what), slog.Int("skipped", n))...)
}

// failed logs a channel or thread that can't be read.
func (s *Backfill) failed(ctx context.Context, where string, err error) {
	if ctx.Err() != nil {
		return
	}
	s.app.obs.Count(CounterBackfill, BackfillFailed)
	s.app.log.LogAttrs(ctx, slog.LevelWarn, "can't look for missed messages", slog.String("in", where), slog.Any("err", err))
}

// call makes a call of the backfill: at its own pace, and again after a 429 or a temporary fault, so that a round goes on
// where it was.
func (s *Backfill) call(ctx context.Context, c webapi.Call, form map[string][]string, v any) error {
	for attempt := 0; ; attempt++ {
		if err := s.pace[c.Method].Wait(ctx); err != nil {
			return context.Cause(ctx)
		}
		_, err := s.app.api.Call(ctx, c, form, v)
		var wait time.Duration
		switch f := webapi.FaultOf(err); {
		case err == nil || ctx.Err() != nil:
			return err
		case f != nil && f.Class == bridge.ClassRateLimited:
			wait, attempt = max(f.Wait, time.Second), 0
		case errors.Is(err, bridge.ClassTemporary) && attempt < 4:
			wait = webapi.Backoff(err, attempt+2)
		default:
			return err
		}
		if !sleep(ctx, wait) {
			return context.Cause(ctx)
		}
	}
}
