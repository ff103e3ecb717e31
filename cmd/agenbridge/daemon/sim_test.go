package daemon_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

var (
	simSeed  = flag.Uint64("sim.seed", 0, "the first seed of the simulation")
	simCount = flag.Int("sim.count", simDefault, "how many seeds are simulated")
)

// TestPromisesOfTheWholeSystem runs everything together under random faults: the
// daemon with its store and its clients, both test servers, and people who talk in
// two threads. Sockets are cut, calls fail in every way, the disk is full or slow,
// and the daemon is killed between any two writes to the network and restarted with
// another clock or on an old copy of its file. When all faults are removed, the
// promises are checked against what the two servers have.
//
// Scheduling is not repeatable here. To reproduce a seed that failed once, use
// -sim.seed=S -sim.count=1 -count=100.
func TestPromisesOfTheWholeSystem(t *testing.T) {
	if !inProcess(t) {
		return
	}
	for i := range uint64(*simCount) {
		seed := *simSeed + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTownSim(t, seed)
				s.run()
			})
		})
		if t.Failed() {
			t.Fatalf("see it again with -run TestPromisesOfTheWholeSystem -sim.seed=%d -sim.count=1 -count=100", seed)
		}
	}
}

// townSim is a town under random faults.
type townSim struct {
	*town
	rnd     *rand.Rand
	life    *life
	dials   [2]dialFunc // to Slack and to Agen
	history []string

	roots   []string
	lines   map[string]*line // by ts
	words   int
	answers int
	// hung releases the calls that hang.
	hung []func()
	// unheard is when the daemon was last made to miss events from Slack.
	unheard time.Time

	// copies are backups of the file. If restores is set, the daemon is sometimes
	// restarted on one of them; restored is when that last happened.
	restores bool
	copies   []image
	restored time.Time
	// skew is how far the daemon's clock is ahead.
	skew time.Duration
	// files is the process's limit on the size of a file.
	files syscall.Rlimit
}

// line is a message that a person sent.
type line struct {
	root, by string
	// words is a unique word: the text of the newest version.
	words   string
	deleted bool
	// at is when it was sent; edited reports whether it was changed since.
	at     time.Time
	edited bool
}

var simWord = regexp.MustCompile(`zebra\d+x`)

func newTownSim(t *testing.T, seed uint64) *townSim {
	t.Helper()
	s := &townSim{rnd: rand.New(rand.NewPCG(seed, 11)), lines: map[string]*line{}}
	agent := agentest.Agent{Pause: time.Second, Work: 3 * time.Second, Reply: func(string) []agen.Event {
		s.answers++ // under the server's lock
		return []agen.Event{agentest.AgentMessage(fmt.Sprintf("answer%dx", s.answers))}
	}}
	// Nobody here would answer the question whether to send missed messages, so it
	// must not be asked.
	env := map[string]string{"ASK_AFTER": "48h"}
	s.town = newTown(t, plan{inBubble: true, idle: true, agen: agentest.Config{Agent: agent}, env: env})
	s.dials = [2]dialFunc{s.options.SlackDial, s.options.AgenDial}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &s.files); err != nil {
		t.Fatal(err)
	}
	s.restores = s.rnd.IntN(4) == 0
	t.Cleanup(func() {
		s.makeRoom()
		if t.Failed() {
			t.Logf("history:\n%s\n%s", strings.Join(s.history, "\n"), s.picture())
		}
	})
	return s
}

func (s *townSim) log(format string, args ...any) {
	s.history = append(s.history, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// pass sleeps for a random time of at most so many seconds.
func (s *townSim) pass(most int) { time.Sleep(time.Duration(s.rnd.IntN(1000*most)) * time.Millisecond) }

// run injects faults for at most an hour, and then waits for the recovery.
func (s *townSim) run() {
	s.startLife()
	s.connected()
	s.speak("")
	for n := range 20 {
		if n%5 == 4 {
			s.copies = append(s.copies, s.read())
		}
		s.act()
		s.turn()
		s.turn()
		select {
		case <-s.life.frozen:
			s.kill()
		case <-time.After(s.some(one(s, 1, 5, 30, 120, 300))):
		}
	}
	s.clear()
	var broken []string
	for range 6 * 60 * 4 { // four hours: long enough for backoff, backfills and rate limits
		if broken = s.broken(); len(broken) == 0 {
			break
		}
		time.Sleep(10 * time.Second)
	}
	time.Sleep(15 * time.Minute)
	if len(broken) == 0 {
		broken = s.broken()
	}
	if s.town.log.Has("zebra") {
		broken = append(broken, "the log has message text")
	}
	if bytes.Contains(s.read().data, []byte("zebra")) {
		broken = append(broken, "the file has message text")
	}
	for _, b := range broken {
		s.t.Error(b)
	}
}

// act does one random thing that people do.
func (s *townSim) act() {
	root := s.roots[s.rnd.IntN(len(s.roots))]
	switch s.rnd.IntN(10) {
	case 0:
		if len(s.roots) < 2 {
			s.speak("")
		}
	case 1, 2, 3, 4, 5:
		s.speak(root)
	case 6, 7:
		s.edit()
	case 8:
		s.takeBack()
	default: // nobody says anything
	}
}

func (s *townSim) word() string {
	s.words++
	return fmt.Sprintf("zebra%dx", s.words)
}

// speak sends a message that starts a thread, or replies in one.
func (s *townSim) speak(root string) {
	who := []slacktest.User{s.ann, s.bob}[s.rnd.IntN(2)]
	l := &line{root: root, by: who.ID, words: s.word(), at: time.Now()}
	var ts string
	if root == "" {
		ts = s.slack.Say(who.ID, s.dev.ID, "<@U0AGEN> "+l.words)
		l.root, s.roots = ts, append(s.roots, ts)
	} else {
		said := []slacktest.SayOption{slacktest.InThread(root)}
		if s.rnd.IntN(10) == 0 { // only a backfill finds it
			said = append(said, slacktest.WithoutEvents())
		}
		ts = s.slack.Say(who.ID, s.dev.ID, l.words, said...)
	}
	s.lines[ts] = l
	s.log("%s says %s: %s", who.Name, ts, l.words)
}

// any returns a random message that isn't deleted.
func (s *townSim) any() (string, *line) {
	all := slices.DeleteFunc(slices.Sorted(maps.Keys(s.lines)), func(ts string) bool { return s.lines[ts].deleted })
	ts := all[s.rnd.IntN(len(all))]
	return ts, s.lines[ts]
}

func (s *townSim) edit() {
	ts, l := s.any()
	l.words, l.edited = s.word(), true
	text := l.words
	if ts == l.root {
		text = "<@U0AGEN> " + text
	}
	s.slack.Edit(l.by, s.dev.ID, ts, text)
	s.log("edits %s: %s", ts, l.words)
}

func (s *townSim) takeBack() {
	ts, l := s.any()
	if ts == l.root {
		return // deleting it would end the thread
	}
	l.deleted = true
	s.slack.Delete(l.by, s.dev.ID, ts)
	s.log("takes %s back", ts)
}
