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

// A mode is one of the two loads of the soak test.
type mode struct {
	// every is the time from one message to the next; threads is the number of
	// concurrent conversations.
	every   time.Duration
	threads int
	// pause is how long a message is queued before the agent takes it; work is how
	// long the agent works on it. A message costs one removed reaction if the agent
	// takes it at once, and two otherwise.
	pause, work time.Duration
	// often multiplies the probability of all faults. With few messages the
	// probability must be higher, so that each fault occurs.
	often  float64
	limits map[string]slacktest.Limit
	// old is how many rows in the store are already past their retention at the
	// start: about as many as a run adds in half an hour.
	old int
	env []string
}

var modes = map[string]mode{
	// Slack's limit is 20 removed reactions a minute.
	"limited": {
		every: 4 * time.Second, threads: 6, work: 4 * time.Second, often: 4, limits: slacktest.SlackLimits(), old: 2000,
	},
	"fast": {
		every: 50 * time.Millisecond, threads: 30, pause: 100 * time.Millisecond, work: 300 * time.Millisecond, often: 1, old: 70_000,
		env: []string{"AGEN_RATE=50/s"},
	},
}

// TestSoak sends messages for as long as -soak says, in threads that begin,
// continue and end, while all kinds of faults occur. In the end nothing may be lost
// or doubled, every reaction must be right, and neither memory nor goroutines nor
// the file may have grown with time. The default run of a few seconds checks the
// promises only and not the measurements.
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

// soak is a town in which a long soak test runs.
type soak struct {
	*town
	t    *testing.T
	mode mode
	rng  *rand.Rand
	// judged reports whether the run is long enough for its measurements to mean
	// something.
	judged bool
	probe  string

	talks   []*talk // threads that have not ended
	ended   []*talk
	said    map[string]*utterance // by ts
	count   int                   // the number of messages sent
	actions map[string]int        // what people did besides sending messages
	began   time.Time             // when the first message was sent
	facts   facts
	record  record
	storm   storm
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
		said: map[string]*utterance{}, actions: map[string]int{}, facts: newFacts(),
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

// live sends messages for the time of the soak test.
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

// patience is how long it may take until nothing is pending. It is longer than the
// longest backoff.
func (s *soak) patience() time.Duration {
	if s.judged {
		return 15 * time.Minute
	}
	return 2 * time.Minute
}

// comeToRest waits, without faults, until every thread has ended.
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
