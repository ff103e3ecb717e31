package slackapp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/agenbridge/agenbridge/bridge"
)

// Ledger remembers between two runs how far sweeps have come: the store.
type Ledger interface {
	// Swept is the mark that SetSwept wrote last, empty in a new store.
	Swept(ctx context.Context) (string, error)
	SetSwept(ctx context.Context, mark string) error
	// Recent lists threads of ours that changed within that time, the latest change first, at most limit of them, and
	// says how many more there are.
	Recent(ctx context.Context, within time.Duration, limit int) (threads []bridge.ThreadKey, more int, err error)
}

const (
	// sweepEvery is how often the threads in use are read, and usedFor how long after its last message a thread is.
	sweepEvery = 5 * time.Minute
	usedFor    = 24 * time.Hour
	// atStart is how long before a start a thread must have changed to be read then, and maxThreads how many are.
	atStart    = 7 * 24 * time.Hour
	maxThreads = 300
	// maxTick is how many threads in use are read in one round; the others have their turn in the next.
	maxTick = 120
	// overlap is what is read again before the mark: our clock is not Slack's, and somebody may have edited it.
	overlap = 10 * time.Minute
	// brought is how long a socket has to bring a message before a sweep does, also one that was written while it was
	// coming up: settling before we knew.
	brought  = time.Minute
	settling = 2 * time.Second
	// patience is how long after the first socket messages wait for the sweep of their thread.
	patience = 10 * time.Second
	// Slack allows 50 calls a minute of either method (https://docs.slack.dev/apis/web-api/rate-limits). Threads are
	// also read for the agent and for look-ups.
	historyRate, repliesRate, sweepBurst = 40, 30, 5
)

// Sweeps finds what no socket brought, by reading Slack, and hands it to the inlet as the sockets do. Everything that
// it hands over may be known already.
type Sweeps struct {
	app      *App
	inlet    Inlet
	ledger   Ledger
	backfill time.Duration
	pace     map[string]*rate.Limiter // by method

	// wake tells Run that there is something to do, loaded is closed when the threads to be read first are known, and
	// released when nobody is to wait for them any more.
	wake, loaded, released chan struct{}

	mu   sync.Mutex
	used map[bridge.ThreadKey]*usage
	// pending are the threads that live messages wait for, at the start.
	pending map[bridge.ThreadKey]chan struct{}
	// urgent are those for which one does.
	urgent []bridge.ThreadKey
	// reread are the channels that were renamed and whose threads have to be read again.
	reread map[bridge.ChannelKey]bool
	// mark is up to where everything was read, owed whether the channels have to be read, upSince since when a socket
	// has been up (zero while none is), and lost when something could not be stored.
	mark          string
	owed          bool
	upSince, lost time.Time
}

// usage is a thread in use: when it was last, and up to where it was read.
type usage struct {
	last time.Time
	read string
}

// NewSweeps makes the sweeps of an App, which reach as far back as backfill. From now on App.Run tells them what comes
// in.
func (a *App) NewSweeps(inlet Inlet, ledger Ledger, backfill time.Duration) *Sweeps {
	perMinute := func(n int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n)/60, sweepBurst) }
	s := &Sweeps{
		app: a, inlet: inlet, ledger: ledger, backfill: backfill,
		pace: map[string]*rate.Limiter{
			methodHistory: perMinute(historyRate), methodReplies: perMinute(repliesRate), methodChannels: perMinute(repliesRate),
		},
		wake: make(chan struct{}, 1), loaded: make(chan struct{}), released: make(chan struct{}),
		used: map[bridge.ThreadKey]*usage{}, pending: map[bridge.ThreadKey]chan struct{}{},
		reread: map[bridge.ChannelKey]bool{}, owed: true,
	}
	a.sweeps.Store(s)
	return s
}

// Run sweeps until ctx ends. The error is the ledger's: it can't be read.
func (s *Sweeps) Run(ctx context.Context) error {
	release := sync.OnceFunc(func() { close(s.released) })
	defer release()
	if err := s.load(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("begin to sweep: %w", err)
	}
	tick := time.NewTimer(sweepEvery)
	defer tick.Stop()
	for first := true; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		}
		if again, ok := s.ready(); !ok {
			tick.Reset(again)
			continue
		}
		if first {
			first = false
			timer := time.AfterFunc(patience, release)
			defer timer.Stop()
		}
		again := false
		if !s.app.contain(TallySweep, func() { again = s.round(ctx) }) {
			s.owe()
		}
		release()
		if again {
			tick.Reset(brought)
		} else {
			tick.Reset(sweepEvery)
		}
	}
}

// load reads the mark and the threads to begin with. In a new store nothing was said before now.
func (s *Sweeps) load(ctx context.Context) error {
	mark, err := s.ledger.Swept(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	switch at := bridge.TSTime(mark); {
	case mark == "":
		// What is read begins with the overlap.
		mark = bridge.FormatTS(now.Add(overlap))
		s.setMark(ctx, mark)
	case at.After(now.Add(2 * overlap)):
		mark = bridge.FormatTS(now) // it was written under a clock that ran ahead
	}
	threads, more, err := s.ledger.Recent(ctx, atStart, maxThreads)
	if err != nil {
		return err
	}
	s.leftOut(ctx, "threads", more)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark = mark
	for i, key := range threads {
		if s.used[key] == nil {
			s.used[key] = &usage{last: now.Add(-time.Duration(i))} // in their order
		}
		s.pending[key] = make(chan struct{})
	}
	for _, u := range s.used {
		u.read = mark
	}
	close(s.loaded)
	return nil
}

// setMark stores the mark. Where that fails the next round does it: nobody stops for it.
func (s *Sweeps) setMark(ctx context.Context, mark string) {
	if err := s.ledger.SetSwept(ctx, mark); err != nil && ctx.Err() == nil {
		s.app.log.Warn("how far missed messages were looked for is not stored", slog.Any("err", err))
	}
}

// leftOut tells of what is not read though it might hold something.
func (s *Sweeps) leftOut(ctx context.Context, what string, n int, attrs ...slog.Attr) {
	if n == 0 {
		return
	}
	s.app.obs.Tally(TallySweep, SweepLeftOut)
	s.app.log.LogAttrs(ctx, slog.LevelWarn, "too much to look for missed messages in all of it",
		append(attrs, slog.String("what", what), slog.Int("left_out", n))...)
}

// What the rest of the app tells the sweeps. All of it may be called on nil.

// sockets takes how many are up: after a time without any the channels are read, too.
func (s *Sweeps) sockets(up int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case up == 0:
		s.upSince = time.Time{}
	case s.upSince.IsZero():
		s.upSince, s.owed = time.Now(), true
		s.rouse()
	}
}

// dropped tells that something a socket brought could not be stored. Slack delivers it again, for a while.
func (s *Sweeps) dropped() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost, s.owed = time.Now(), true
	s.rouse()
}

// noteUse tells that something was said in a thread of ours.
func (s *Sweeps) noteUse(key bridge.ThreadKey) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[key] == nil {
		s.used[key] = &usage{read: s.mark}
	}
	s.used[key].last = time.Now()
}

// renamed tells that a channel has another key now. What was said under it before we knew may have belonged to a thread
// of ours, so its threads are read again.
func (s *Sweeps) renamed(channel bridge.ChannelKey) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reread[channel] = true
	s.rouse()
}

// left tells that there is nothing to read in a channel any more, by all its keys.
func (s *Sweeps) left(channels []bridge.ChannelKey) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.used {
		if slices.Contains(channels, key.Channel()) && s.pending[key] == nil {
			delete(s.used, key)
		}
	}
}

// await has a live message wait for the sweep of its thread, at the start and not for long.
func (s *Sweeps) await(ctx context.Context, key bridge.ThreadKey) {
	if s == nil {
		return
	}
	select {
	case <-s.loaded:
	case <-s.released:
		return
	case <-ctx.Done():
		return
	}
	s.mu.Lock()
	done := s.pending[key]
	if done != nil && !slices.Contains(s.urgent, key) {
		s.urgent = append(s.urgent, key)
	}
	s.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-s.released:
	case <-ctx.Done():
	}
}

// rouse wakes Run. mu is held.
func (s *Sweeps) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// ready says whether there is a socket, and nothing was lost in the last minute: Slack may bring it again. Otherwise
// it says when to ask again.
func (s *Sweeps) ready() (again time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch wait := time.Until(s.lost.Add(brought)); {
	case s.upSince.IsZero():
		return sweepEvery, false
	case wait > 0:
		return wait, false
	default:
		return 0, true
	}
}

// takeOwed says whether the channels have to be read, and takes that on.
func (s *Sweeps) takeOwed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owed := s.owed
	s.owed = false
	return owed
}

func (s *Sweeps) owe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owed = true
}

// ask makes a call of a sweep: spaced, and again when Slack wants a rest or fails for a moment. So a sweep goes on
// where it was.
func (s *Sweeps) ask(ctx context.Context, c call, form map[string][]string, v any) error {
	for attempt := 0; ; attempt++ {
		if err := s.pace[c.method].Wait(ctx); err != nil {
			return context.Cause(ctx)
		}
		_, err := s.app.wire.ask(ctx, c, form, v)
		var wait time.Duration
		switch f := faultOf(err); {
		case err == nil || ctx.Err() != nil:
			return err
		case f != nil && f.Class == bridge.ClassRateLimited:
			wait, attempt = max(f.Wait, time.Second), 0
		case errors.Is(err, bridge.ClassTemporary) && attempt < 4:
			wait = pauseAfter(err, attempt+2)
		default:
			return err
		}
		if !sleep(ctx, wait) {
			return context.Cause(ctx)
		}
	}
}
