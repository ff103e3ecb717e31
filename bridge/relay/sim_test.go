package relay_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/google/go-cmp/cmp"
)

var (
	simSeed    = flag.Uint64("sim.seed", 0, "the first seed of the simulation")
	simCount   = flag.Int("sim.count", simDefault, "how many seeds are simulated")
	simClimate = flag.String("sim.climate", "", "the weather of the simulation; all kinds where it is empty")
)

// TestPromises simulates one thread under random faults, one run per seed. Calls fail
// before, while and after they take effect. The process is killed between any two of
// them, its file is replaced with an older copy, and its clock jumps. People write, edit
// and delete. When the faults have ended, the promises are checked against the state of
// the remotes. Each seed runs in one goroutine, so it can be repeated exactly.
func TestPromises(t *testing.T) {
	if _, ok := climates[*simClimate]; !ok && *simClimate != "" {
		t.Fatalf("climate %q: want one of %q", *simClimate, slices.Sorted(maps.Keys(climates)))
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // most of the garbage is short-lived
	var next atomic.Uint64
	var failed atomic.Bool
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		dir := t.TempDir()
		workers.Go(func() {
			for i := next.Add(1) - 1; i < uint64(*simCount) && !failed.Load(); i = next.Add(1) - 1 {
				s := newSim(dir, *simSeed+i)
				s.run()
				if len(s.broken) > 0 && !failed.Swap(true) {
					t.Error(s.report())
				}
			}
		})
	}
	workers.Wait()
}

// TestASeedRepeats: a failure can be examined only if its seed reproduces it.
func TestASeedRepeats(t *testing.T) {
	for seed := range uint64(5) {
		once, again := newSim(t.TempDir(), seed), newSim(t.TempDir(), seed)
		once.run()
		again.run()
		if diff := cmp.Diff(once.history, again.history); diff != "" {
			t.Fatalf("seed %d went differently the second time: %s", seed, diff)
		}
	}
}

// report describes the broken promise, the steps that led to it, and how to run the seed
// again.
func (s *sim) report() string {
	return fmt.Sprintf("seed %d (-run TestPromises -sim.climate=%s -sim.seed=%d -sim.count=1):\n%s\nhistory:\n%s", s.seed, *simClimate, s.seed,
		strings.Join(s.broken, "\n"), strings.Join(s.history, "\n"))
}

// sim is one thread with its people, the two remotes and the faults.
type sim struct {
	seed uint64
	rnd  *rand.Rand
	// now is the true time, and skew is the difference between the clock of the process
	// and the true time.
	now   time.Time
	skew  time.Duration
	ahead time.Duration // the largest skew so far
	store *simDisk
	// killed is true if the process was killed during a step.
	killed  bool
	calling bool // an event arrives during a call
	relay   *relay.Relay
	agen    *simAgen
	slack   *simSlack
	climate climate
	calm    bool
	history []string
	broken  []string

	lastTS   int64                     // in microseconds
	said     map[string]bridge.Message // the present text, by ts
	deleted  map[string]bool
	accepted map[string]bool
	rejects  map[string]bool // messages that Agen rejects
	withdrew map[string]bool // messages that were deleted before they were sent
	pending  []func() error  // events that Slack still has to deliver
	first    func() error    // the backfill, before which nothing else is delivered; nil if there is none
	// restored is true if an old copy of the store was restored.
	restored bool
}

const simThread = bridge.ThreadKey("T1/C1/1700000000.000001")

func newSim(dir string, seed uint64) *sim {
	s := &sim{
		seed: seed, rnd: rand.New(rand.NewPCG(seed, 7)), now: time.Unix(1_700_000_000, 0).UTC(), climate: climateOf(seed),
		said: map[string]bridge.Message{}, deleted: map[string]bool{}, accepted: map[string]bool{}, rejects: map[string]bool{},
		withdrew: map[string]bool{},
	}
	var err error
	s.store, err = newSimDisk(dir, s.clock)
	s.must(err)
	s.agen, s.slack = &simAgen{sim: s}, &simSlack{sim: s, shown: map[string]map[string]bool{}}
	s.boot()
	return s
}

// clock returns the time according to the process.
func (s *sim) clock() time.Time { return s.now.Add(s.skew) }

// must ends the simulation if the environment of the test fails.
func (s *sim) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("seed %d: %v", s.seed, err))
	}
}

func (s *sim) log(format string, args ...any) {
	s.history = append(s.history, s.now.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (s *sim) breaks(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// pass advances the time and applies what is due by then.
func (s *sim) pass(d time.Duration) {
	some := max(time.Second, d/100)
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(min(end.Sub(s.now), some))
		s.agen.work()
		s.slack.work()
	}
}

func (s *sim) run() {
	s.speak(bridge.KindMention)
	for n := range 24 {
		switch {
		case s.climate.young > 0 && n%6 == 2:
			s.copyYoung()
		case s.climate.young > 0 && n%6 == 5:
			s.closeAndOpen()
		case n%6 == 5:
			s.must(s.store.copy())
		}
		s.act()
		s.deliver()
		for range s.rnd.IntN(6) {
			s.step()
		}
		s.pass(time.Duration(s.rnd.IntN(8000)) * time.Millisecond)
	}
	s.calm = true
	s.log("the weather clears")
	for s.first != nil || len(s.pending) > 0 {
		s.deliver()
	}
	s.settle()
	if s.chance(s.climate.again) {
		s.again()
	}
	s.check()
	s.must(s.store.end())
}

func (s *sim) step() bool {
	did := false
	s.alive(func() {
		for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
			ok, err := s.relay.Step(context.Background(), remote)
			if err != nil {
				s.breaks("step: %v", err)
			}
			did = did || ok
		}
	})
	return did
}

// settle runs until nothing has been owed for a minute, except polls of an idle timeline.
// It may take a while: a restored store looks up its posts one after another.
func (s *sim) settle() {
	end := s.now.Add(40 * time.Minute)
	for n := 0; s.now.Before(end); n++ {
		if n > 20_000 {
			s.breaks("it never comes to rest")
			return
		}
		if s.step() {
			continue
		}
		if quiet := s.now.Add(time.Minute); quiet.Before(end) && s.rests() {
			end = quiet
		}
		wait, _ := s.store.Due(bridge.ToAgen)
		other, _ := s.store.Due(bridge.ToSlack)
		s.pass(max(min(wait, other), time.Millisecond))
	}
}

// rests reports whether no work is left that anybody waits for.
func (s *sim) rests() bool {
	state, err := s.store.Rows(context.Background(), simThread)
	s.must(err)
	for _, m := range state.Messages {
		if m.Reaction.Open || !m.Resting() && m.State != bridge.StateHeld {
			return false
		}
	}
	for _, p := range state.Posts {
		if p.State == bridge.StateReady || p.State == bridge.StateInFlight || p.Shown != p.Edition || !p.RecheckAt.IsZero() && !p.Markdown && !p.Withdrawn {
			return false
		}
	}
	working := slices.ContainsFunc(s.agen.events, func(e agen.Event) bool { return e.Status != agen.StatusCompleted })
	return !working && len(s.agen.late) == 0 && len(s.slack.late) == 0
}
