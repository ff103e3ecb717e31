// Package bridgetest has what the tests of the bridge share: a store in memory
// that is simple enough to be obviously right. Production stores are compared
// with it.
package bridgetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Config is what a Store needs. Due is required.
type Config struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Due returns when a lane is due, and false if it isn't. Required.
	Due func(*bridge.ThreadState, bridge.Remote) (time.Time, bool)
	// Retention is how long resting rows are kept; 720 hours when zero.
	Retention time.Duration
}

// Store is the reference: it implements bridge.Intake and bridge.Lanes, and
// loses only Volatile parts and leases when it is reopened.
type Store struct {
	cfg Config

	mu     sync.Mutex
	boot   uint64
	opened time.Time
	// closed is when the store was closed in good order; zero while it is open. alone
	// is bridge.Instant.AloneSince, but for a restoration.
	closed, alone time.Time
	// restored is when an old copy was last put back.
	restored time.Time
	threads  map[bridge.ThreadKey]*thread
	swept    string
	moved    map[bridge.ChannelKey]bridge.ChannelKey
	resting  map[bridge.ChannelKey]bool
	tokens   uint64
	changed  chan struct{}
}

var (
	_ bridge.Intake  = (*Store)(nil)
	_ bridge.Lanes   = (*Store)(nil)
	_ bridge.Threads = (*Store)(nil)
	_ bridge.Depths  = (*Store)(nil)
)

// What the contract leaves open is as in production.
const (
	settleBackoff   = time.Second
	maxWait         = time.Hour
	maxAhead        = 10 * time.Minute
	maxKey          = 4000
	threadRetention = 400 * 24 * time.Hour
	restoredFor     = time.Hour
	closedWithin    = 2 * time.Minute
)

// NewStore returns an empty store.
func NewStore(cfg Config) *Store {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Retention == 0 {
		cfg.Retention = 720 * time.Hour
	}
	s := &Store{cfg: cfg, threads: map[bridge.ThreadKey]*thread{}, moved: map[bridge.ChannelKey]bridge.ChannelKey{}, resting: map[bridge.ChannelKey]bool{}, changed: make(chan struct{})}
	s.Reopen()
	return s
}

// Restore is a restart after an old copy was put back: what waits may have been
// done already.
func (s *Store) Restore() {
	s.Reopen()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restored = s.instant().Now
}

// Reopen is a restart of the process, which was killed if the store was not closed:
// leases and Volatile parts are gone, the rest is there.
func (s *Store) Reopen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boot++
	s.opened = s.instant().Now
	s.alone = s.opened
	if !s.closed.IsZero() && s.opened.Sub(s.closed) <= closedWithin {
		s.alone = s.closed
	}
	s.closed = time.Time{}
	for _, t := range s.threads {
		t.volatile = bridge.Volatile{}
		t.lanes = map[bridge.Remote]*lane{bridge.ToAgen: {}, bridge.ToSlack: {}}
		s.schedule(t)
	}
	s.wake()
}

func (s *Store) instant() bridge.Instant {
	at := bridge.Instant{Now: s.cfg.Now().Round(0).UTC(), Opening: s.boot, Opened: s.opened, Restored: s.restored}
	if s.restored.IsZero() || at.Now.Sub(s.restored) > restoredFor {
		at.AloneSince = s.alone
	}
	return at
}

// wake wakes everybody who waits for a lane.
func (s *Store) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Accept implements bridge.Intake.
func (s *Store) Accept(ctx context.Context, key bridge.ThreadKey, ids []string, decide bridge.Decision) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed, err := s.apply(key, ids, decide)
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	if t := s.threads[key]; t != nil && changed {
		for _, l := range t.lanes {
			l.notify()
		}
	}
	return nil
}

// Look implements bridge.Intake.
func (s *Store) Look(key bridge.ThreadKey, look func(*bridge.ThreadState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.threads[key]; t != nil {
		look(s.view(t, nil))
	}
}

// Claim implements bridge.Lanes.
func (s *Store) Claim(ctx context.Context, remote bridge.Remote) (*bridge.Claim, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if remote != bridge.ToAgen && remote != bridge.ToSlack {
		return nil, fmt.Errorf("unknown remote %q", remote)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.instant()
	s.expire(remote, at.Now)
	var best *thread
	for _, t := range s.threads {
		if l := t.lanes[remote]; l.lease == nil && l.owed && !l.ready().After(at.Now) && (best == nil || t.before(best, remote)) {
			best = t
		}
	}
	if best == nil {
		return nil, nil
	}
	s.tokens++
	l := &lease{token: s.tokens, until: at.Now.Add(bridge.LeaseTime), changed: make(chan struct{})}
	best.lanes[remote].lease = l
	return &bridge.Claim{
		Thread: best.key, Remote: remote, Token: l.token, At: at, Changed: l.changed,
		State: s.view(best, nil),
	}, nil
}

// expire gives the lanes back whose leases are over.
func (s *Store) expire(remote bridge.Remote, now time.Time) {
	for _, t := range s.threads {
		if l := t.lanes[remote]; l.lease != nil && !now.Before(l.lease.until) {
			l.lease, l.notBefore = nil, time.Time{}
			s.forget(t)
		}
	}
}

// Begin implements bridge.Lanes.
func (s *Store) Begin(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held(claim) == nil {
		return fmt.Errorf("begin: %w", bridge.ErrLost)
	}
	if _, err := s.apply(claim.Thread, claim.AlsoLoad, decide); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// Settle implements bridge.Lanes.
func (s *Store) Settle(ctx context.Context, claim *bridge.Claim, decide bridge.Decision) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.held(claim)
	if l == nil {
		return fmt.Errorf("settle: %w", bridge.ErrLost)
	}
	var err error
	switch {
	case decide == nil:
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	default:
		_, err = s.apply(claim.Thread, claim.AlsoLoad, decide)
	}
	l.lease, l.notBefore = nil, time.Time{}
	if err != nil && !errors.Is(err, bridge.ErrChanged) {
		l.notBefore = s.instant().Now.Add(settleBackoff)
	}
	s.forget(s.threads[claim.Thread])
	s.wake()
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

// held returns the lane of a claim whose lease is not over.
func (s *Store) held(claim *bridge.Claim) *lane {
	t := s.threads[claim.Thread]
	if t == nil {
		return nil
	}
	l := t.lanes[claim.Remote]
	if l.lease == nil || l.lease.token != claim.Token || !s.instant().Now.Before(l.lease.until) {
		return nil
	}
	return l
}

// Due implements bridge.Lanes.
func (s *Store) Due(remote bridge.Remote) (time.Duration, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.instant().Now
	wait := maxWait
	for _, t := range s.threads {
		l := t.lanes[remote]
		if !l.owed {
			continue
		}
		at := l.ready()
		if l.lease != nil && at.Before(l.lease.until) {
			at = l.lease.until
		}
		wait = min(wait, max(at.Sub(now), 0))
	}
	return wait, s.changed
}

// Depth implements bridge.Depths.
func (s *Store) Depth(remote bridge.Remote) (d bridge.Depth) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.instant().Now
	for _, t := range s.threads {
		l := t.lanes[remote]
		if l.owed || l.lease != nil {
			d.Lanes++
		}
		if !l.owed {
			continue
		}
		if l.lease == nil && !l.ready().IsZero() {
			d.LaneWait = max(d.LaneWait, now.Sub(l.ready()))
		}
		if n, oldest := s.view(t, nil).Undelivered(remote); n > 0 {
			d.Undelivered += n
			d.Oldest = max(d.Oldest, now.Sub(oldest))
		}
	}
	return d
}

// Rows returns all that is stored of a thread, what is at rest included.
func (s *Store) Rows(_ context.Context, key bridge.ThreadKey) (*bridge.ThreadState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[key]
	if t == nil {
		return bridge.NewThreadState(key), nil
	}
	return s.view(t, t.ids()), nil
}

// Each implements bridge.Threads.
func (s *Store) Each(_ context.Context, visit func(bridge.ThreadKey, *bridge.Thread) error) error {
	for _, t := range s.ours() {
		record := t.record
		record.Seen = bridge.SeenEvents{} // see bridge.Thread
		if err := visit(t.key, &record); err != nil {
			return err
		}
	}
	return nil
}

// Last implements bridge.Threads.
func (s *Store) Last(_ context.Context, from, before bridge.ThreadKey) (bridge.ThreadKey, bridge.Thread, error) {
	ours := s.ours()
	for i := len(ours) - 1; i >= 0; i-- {
		if t := ours[i]; t.key >= from && t.key < before {
			record := t.record
			record.Seen = bridge.SeenEvents{}
			return t.key, record, nil
		}
	}
	return "", bridge.Thread{}, nil
}

// ours returns the threads that the bot takes part in, in the order of their keys.
func (s *Store) ours() []*thread {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ours []*thread
	for _, t := range s.threads {
		if !t.record.Unbound() {
			ours = append(ours, t)
		}
	}
	slices.SortFunc(ours, func(a, b *thread) int { return cmp.Compare(a.key, b.key) })
	return ours
}

// Close ends the store in good order. It can be reopened.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = s.instant().Now
	return nil
}

// Swept returns the mark that SetSwept wrote last.
func (s *Store) Swept(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.swept, nil
}

// SetSwept remembers up to where Slack was read.
func (s *Store) SetSwept(_ context.Context, mark string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swept = mark
	return nil
}

// Recent returns the threads that are ours and changed within that time, the
// latest change first, at most limit of them, and how many more there are.
func (s *Store) Recent(_ context.Context, within time.Duration, limit int) ([]bridge.ThreadKey, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.instant().Now.Add(-within)
	var recent []*thread
	for _, t := range s.threads {
		if !t.record.Unbound() && !t.touched.Before(since) && !s.rests(t.key) {
			recent = append(recent, t)
		}
	}
	slices.SortFunc(recent, func(a, b *thread) int {
		return cmp.Or(b.touched.Compare(a.touched), cmp.Compare(a.key, b.key))
	})
	var keys []bridge.ThreadKey
	for _, t := range recent[:min(limit, len(recent))] {
		keys = append(keys, t.key)
	}
	return keys, len(recent) - len(keys), nil
}
