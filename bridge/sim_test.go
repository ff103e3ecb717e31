package bridge_test

import (
	"context"
	"errors"
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

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

var (
	simSeed   = flag.Uint64("sim.seed", 0, "the first seed of the simulation")
	simCount  = flag.Int("sim.count", simDefault, "how many seeds are simulated")
	simCopies = flag.Bool("sim.copies", false, "after an hour away the store may be an old copy of itself")
	simSweep  = flag.Bool("sim.sweep", true, "what a copy of the store that was put back does not know is swept up from Slack")
)

// TestPromises runs one thread in random weather, seed by seed: calls fail
// before, while and after they have their effect, the process is killed
// between any two of them, its file is put back as it was a while ago, its
// clock jumps, people write, edit and take back. When the weather has cleared,
// the promises are checked against what the remotes have. Each seed has one
// goroutine, so it repeats exactly.
func TestPromises(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // little of it lives long
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

// TestASeedRepeats: without that nobody could look into a failure.
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

// report tells what went wrong, how it came about, and how to see it again.
func (s *sim) report() string {
	return fmt.Sprintf("seed %d (-run TestPromises -sim.seed=%d -sim.count=1):\n%s\nhistory:\n%s", s.seed, s.seed,
		strings.Join(s.broken, "\n"), strings.Join(s.history, "\n"))
}

// sim is one thread, the people in it, the two remotes and the weather.
type sim struct {
	seed uint64
	rnd  *rand.Rand
	// now is the time, and skew how wrong the clock of the process is.
	now   time.Time
	skew  time.Duration
	store *simDisk
	// killed: the process was killed in the middle of what it did.
	killed  bool
	relay   *bridge.Relay
	agen    *simAgen
	slack   *simSlack
	calm    bool
	history []string
	broken  []string

	lastTS   int
	said     map[string]bridge.Message // as it reads now, by ts
	deleted  map[string]bool
	accepted map[string]bool
	pending  []func() error // events that Slack still has to deliver
	// restored is how many posts there were when an old copy was put back.
	restored int
}

const simThread = bridge.ThreadKey("T1/C1/1700000000.000001")

func newSim(dir string, seed uint64) *sim {
	s := &sim{
		seed: seed, rnd: rand.New(rand.NewPCG(seed, 7)), now: time.Unix(1_700_000_000, 0).UTC(),
		said: map[string]bridge.Message{}, deleted: map[string]bool{}, accepted: map[string]bool{},
	}
	var err error
	s.store, err = newSimDisk(dir, s.clock)
	s.must(err)
	s.agen, s.slack = &simAgen{sim: s}, &simSlack{sim: s, shown: map[string]map[string]bool{}}
	s.boot()
	return s
}

// clock is the time as the process has it.
func (s *sim) clock() time.Time { return s.now.Add(s.skew) }

// must ends the simulation where what it stands on breaks.
func (s *sim) must(err error) {
	if err != nil {
		panic(fmt.Sprintf("seed %d: %v", s.seed, err))
	}
}

// boot starts the process anew.
func (s *sim) boot() {
	s.relay = bridge.New(bridge.Config{
		Intake: (*killStore)(s), Lanes: (*killStore)(s), Agen: s.agen, Slack: s.slack, Reads: 1000,
		Now:    s.clock,
		Policy: bridge.Policy{Jitter: s.rnd.Float64, AskAfter: 1000 * time.Hour},
	})
}

func (s *sim) log(format string, args ...any) {
	s.history = append(s.history, s.now.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (s *sim) breaks(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// mayKill kills the process in rare cases.
func (s *sim) mayKill(where string) {
	if !s.calm && s.rnd.IntN(60) == 0 {
		s.log("killed %s", where)
		s.killed = true
		runtime.Goexit() // nothing survives it: a panic might
	}
}

// alive runs f, and restarts the process when it is killed meanwhile.
func (s *sim) alive(f func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
	}()
	<-ended
	if s.killed {
		s.killed = false
		s.restart()
	}
}

// restart starts the process after it was killed: mostly at once, and on the
// file as it was; sometimes with another idea of the time, or after an hour on
// a copy of the file.
func (s *sim) restart() {
	switch old := len(s.store.copies); {
	case old > 0 && s.rnd.IntN(8) == 0:
		s.pass(time.Hour + time.Duration(s.rnd.IntN(3600))*time.Second)
		if image := s.store.copies[s.rnd.IntN(old)]; *simCopies {
			s.putBack(image)
		} else {
			s.must(s.store.kill())
		}
	case s.rnd.IntN(8) == 0:
		s.skew = []time.Duration{0, 10 * time.Minute, 3 * time.Hour}[s.rnd.IntN(3)]
		s.log("the clock is %v ahead", s.skew)
		s.must(s.store.kill())
	default:
		s.pass(time.Duration(s.rnd.IntN(20)) * time.Second)
		s.must(s.store.kill())
	}
	s.boot()
}

// putBack starts the process on a copy of its file, and with it a sweep: what
// was said comes in again.
func (s *sim) putBack(image []byte) {
	s.log("an old copy is put back")
	s.must(s.store.replace(image))
	s.restored = len(s.slack.posts)
	if !*simSweep {
		s.accepted = map[string]bool{}
		return
	}
	for _, ts := range slices.Sorted(maps.Keys(s.said)) {
		if m := s.said[ts]; !s.deleted[ts] {
			s.pending = append(s.pending, func() error { return s.hear(m) })
		}
	}
}

func (s *sim) pass(d time.Duration) {
	s.now = s.now.Add(d)
	s.agen.work()
	s.slack.work()
}

func (s *sim) run() {
	s.speak(bridge.Mention)
	for n := range 24 {
		if n%6 == 5 {
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
	for len(s.pending) > 0 {
		s.deliver()
	}
	s.settle()
	s.check()
	s.must(s.store.end())
}

// act lets somebody do something.
func (s *sim) act() {
	switch s.rnd.IntN(6) {
	case 0:
		s.speak(bridge.Mention)
	case 1, 2:
		s.speak(bridge.Reply)
	case 3:
		s.edit()
	case 4:
		s.takeBack()
	}
}

func (s *sim) speak(kind bridge.Kind) {
	s.lastTS++
	ts := fmt.Sprintf("1700000000.%06d", s.lastTS)
	m := bridge.Message{Thread: simThread, TS: ts, Author: "U1", Kind: kind, Digest: s.rnd.Uint64(), Body: []byte(`"` + ts + `"`)}
	s.mistype(&m)
	s.said[ts] = m
	s.log("says %s (%s)", ts, kind)
	if s.rnd.IntN(4) == 0 { // no socket brings it, a sweep does; now and then both
		found := m
		found.Swept = true
		s.emit(ts, func() error { return s.hear(found) })
		if s.rnd.IntN(2) == 0 {
			return
		}
	}
	s.emit(ts, func() error { return s.hear(m) })
	if kind == bridge.Mention {
		s.emit(ts, func() error { return s.hear(m) }) // the other event
	}
}

// mistype has a message begin with options that are none, or mends it.
func (s *sim) mistype(m *bridge.Message) {
	m.Options = nil
	if m.Kind == bridge.Mention && s.rnd.IntN(4) == 0 {
		m.Options = []bridge.Option{{Name: "brnach", Value: "main"}}
	}
}

// emit has Slack deliver an event, perhaps twice, perhaps late.
func (s *sim) emit(_ string, event func() error) {
	s.pending = append(s.pending, event)
	if s.rnd.IntN(4) == 0 {
		s.pending = append(s.pending, event)
	}
}

func (s *sim) any() (bridge.Message, bool) {
	var live []string
	for ts := range s.said {
		if !s.deleted[ts] {
			live = append(live, ts)
		}
	}
	if len(live) == 0 {
		return bridge.Message{}, false
	}
	slices.Sort(live)
	return s.said[live[s.rnd.IntN(len(live))]], true
}

func (s *sim) edit() {
	m, ok := s.any()
	if !ok {
		return
	}
	s.lastTS++
	m.Edited, m.Digest = fmt.Sprintf("1700000000.%06d", s.lastTS), s.rnd.Uint64()
	m.Body = []byte(`"` + m.TS + " " + m.Edited + `"`)
	s.mistype(&m)
	s.said[m.TS] = m
	s.log("edits %s (%s)", m.TS, m.Edited)
	s.emit(m.TS, func() error { return s.hear(m) })
}

func (s *sim) takeBack() {
	m, ok := s.any()
	if !ok || s.rnd.IntN(3) > 0 {
		return
	}
	s.deleted[m.TS] = true
	s.log("takes %s back", m.TS)
	s.emit(m.TS, func() error {
		_, err := s.relay.Forget(context.Background(), bridge.Deletion{Thread: simThread, TS: m.TS})
		return err
	})
}

func (s *sim) hear(m bridge.Message) error {
	v, err := s.relay.Hear(context.Background(), m)
	if err == nil && v.New {
		s.accepted[m.TS] = true
	}
	if err == nil {
		s.log("heard %s %s: %+v", m.TS, m.Edited, v)
	}
	return err
}

// deliver has Slack deliver what it still has: what is not acknowledged comes
// again.
func (s *sim) deliver() {
	events := s.pending
	s.pending = nil
	s.rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for _, event := range events {
		if !s.calm && s.rnd.IntN(4) == 0 {
			s.pending = append(s.pending, event)
			continue
		}
		acked := false
		s.alive(func() { acked = event() == nil })
		if !acked {
			s.pending = append(s.pending, event)
		}
	}
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

// settle works until nothing is owed but reading a silent timeline.
func (s *sim) settle() {
	quiet := s.now.Add(40 * time.Minute) // a restored store looks up one post after the other
	for n := 0; s.now.Before(quiet); n++ {
		if n > 20_000 {
			s.breaks("it never comes to rest")
			return
		}
		if s.step() {
			continue
		}
		wait, _ := s.store.Due(bridge.ToAgen)
		other, _ := s.store.Due(bridge.ToSlack)
		s.pass(max(min(wait, other), time.Millisecond))
	}
}

// killStore is the store of a process that can be killed before and after a
// transaction, and of a disk that is full at times.
type killStore sim

var errDisk = errors.New("no space left on device")

func (k *killStore) tx(name string, f func() error) error {
	s := (*sim)(k)
	s.mayKill("before " + name)
	if !s.calm && s.rnd.IntN(50) == 0 {
		s.log("disk full: %s", name)
		return errDisk
	}
	err := f()
	s.mayKill("after " + name)
	return err
}

func (k *killStore) Accept(ctx context.Context, thread bridge.ThreadKey, ids []string, d bridge.Decide) error {
	return k.tx("accept", func() error { return k.store.Accept(ctx, thread, ids, d) })
}

func (k *killStore) Begin(ctx context.Context, c *bridge.Claim, d bridge.Decide) error {
	return k.tx("begin", func() error { return k.store.Begin(ctx, c, d) })
}

func (k *killStore) Settle(ctx context.Context, c *bridge.Claim, d bridge.Decide) error {
	c.Patient = false // there is one goroutine: nobody would come
	err := k.tx("settle", func() error { return k.store.Settle(ctx, c, d) })
	if errors.Is(err, errDisk) {
		return errors.Join(err, k.store.Settle(ctx, c, nil))
	}
	return err
}

func (k *killStore) Claim(ctx context.Context, r bridge.Remote) (*bridge.Claim, error) {
	return k.store.Claim(ctx, r)
}

func (k *killStore) Due(r bridge.Remote) (time.Duration, <-chan struct{}) { return k.store.Due(r) }
