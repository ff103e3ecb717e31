//go:build linux

package bench

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

var (
	soakFor  = flag.Duration("soak", 5*time.Second, "for how long messages are said in TestSoak; 30m for its figures")
	soakSeed = flag.Uint64("soak.seed", 0, "seed of what is said and what goes wrong in TestSoak; 0 chooses one")
)

// A mode is one of the two ways in which people and the servers behave.
type mode struct {
	// every is how long it is from one message to the next, and threads how
	// many conversations are under way at a time.
	every   time.Duration
	threads int
	// pause is how long a message is queued before the agent takes it, and work
	// how long it takes for it. One that it takes at once costs one removed
	// reaction, another one two.
	pause, work time.Duration
	// often multiplies the probability of all faults: where little is said it
	// takes more of them for each to be met.
	often  float64
	limits map[string]slacktest.Limit
	// old is how many rows are in the store that have been at rest for longer
	// than they are kept: about as many as come in within half an hour.
	old int
	env []string
}

var modes = map[string]mode{
	// Slack's ceiling is 20 removed reactions a minute.
	"limited": {
		every: 4 * time.Second, threads: 6, work: 4 * time.Second, often: 4, limits: slacktest.SlackLimits(), old: 2000,
	},
	"fast": {
		every: 50 * time.Millisecond, threads: 30, pause: 100 * time.Millisecond, work: 300 * time.Millisecond, often: 1, old: 70_000,
		env: []string{"AGEN_RATE=50/s"},
	},
}

// TestSoak has people talk for as long as -soak says, in threads that begin, go
// on and end, while everything goes wrong now and then. In the end nothing may
// be lost and nothing doubled, and every reaction right; and neither memory nor
// goroutines nor the file may have grown with time. In the few seconds that it
// takes when nothing else is asked for nothing is judged but the promises.
func TestSoak(t *testing.T) {
	for name, m := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSoak(t, m)
			s.live()
			s.comeToRest()
			s.checkAll()
			s.end()
			s.report()
		})
	}
}

// soak is a town in which people talk for long.
type soak struct {
	*town
	t    *testing.T
	mode mode
	rng  *rand.Rand
	// judged: it is long enough for its figures to mean something.
	judged bool
	probe  string

	talks  []*talk // that are not over
	ended  []*talk
	said   map[string]*utterance // by ts
	count  int                   // of what was said
	deeds  map[string]int        // what people did besides
	began  time.Time             // when they began to talk
	facts  facts
	record record
	storm  storm
}

func newSoak(t *testing.T, m mode) *soak {
	t.Helper()
	seed := *soakSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat: -soak.seed=%d", seed)
	s := &soak{
		t: t, mode: m, rng: rand.New(rand.NewPCG(seed, 30)), judged: *soakFor >= 5*time.Minute,
		said: map[string]*utterance{}, deeds: map[string]int{}, facts: newFacts(),
	}
	s.town = newTownOf(t,
		slacktest.Config{Seed: seed, KeepRequests: 5000, Limits: m.limits},
		agentest.Config{Seed: seed, KeepRequests: 5000, Agent: agentest.Agent{Pause: m.pause, Script: m.script}, ETags: true})
	s.agen.OnRequest(func(moment agentest.Progress) {
		s.note(moment)
		s.facts.note(moment)
	})
	s.slack.OnAck(s.facts.acked)
	if err := fill(s.storePath, m.old, 31*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.probe = freeAddress(t)
	s.env = append([]string{"PROBE_ADDR=" + s.probe, "LIMIT_PER_USER=0", "LIMIT_SESSIONS_PER_USER=0"}, m.env...)
	s.start(daemon(t), 2)
	return s
}

// live is the time in which people talk.
func (s *soak) live() {
	s.t.Helper()
	s.began = time.Now()
	s.storm = newStorm(s)
	over := time.NewTimer(*soakFor)
	defer over.Stop()
	speak, look, sample := time.NewTicker(s.mode.every), time.NewTicker(200*time.Millisecond), time.NewTicker(s.sampling())
	defer speak.Stop()
	defer look.Stop()
	defer sample.Stop()
	for {
		select {
		case <-speak.C:
			s.speak()
		case <-look.C:
			s.storm.blow()
			s.tend()
		case <-sample.C:
			s.sample("")
		case <-over.C:
			s.storm.calm()
			return
		}
	}
}

func (s *soak) sampling() time.Duration {
	return max(50*time.Millisecond, min(time.Second, *soakFor/200))
}

// patience is how long everything may take to come to rest: longer than the
// longest wait between two tries.
func (s *soak) patience() time.Duration {
	if s.judged {
		return 15 * time.Minute
	}
	return 2 * time.Minute
}

// comeToRest waits until every thread is over, in good weather.
func (s *soak) comeToRest() {
	s.t.Helper()
	for _, k := range s.talks {
		k.enough()
	}
	late := time.NewTimer(s.patience())
	defer late.Stop()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for len(s.talks) > 0 {
		select {
		case <-look.C:
			s.tend()
		case <-late.C:
			s.t.Errorf("%d threads did not come to rest within %v", len(s.talks), s.patience())
			for _, k := range s.talks {
				s.t.Errorf("thread %s is %s: %v", k.root, k.phase, s.wrong(k))
			}
			return
		}
	}
	s.sample("at rest")
}
