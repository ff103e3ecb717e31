package slackapp

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// world is a fake Slack with a person, a channel and our app, whose inlet records what it accepts.
type world struct {
	*slacktest.Started
	app   *App
	inlet *fakeInlet
	names *fakeAliases
	watch *fakeObserver
	log   *bridgetest.LogBuffer
	ann   slacktest.User
	dev   slacktest.Channel
	// root is the root of a thread in dev. Slack sends no event for it.
	root string
	stop func()
}

func newWorld(t *testing.T, st *slacktest.Started, change func(*Config)) *world {
	t.Helper()
	w := &world{Started: st, inlet: &fakeInlet{}, watch: &fakeObserver{counts: map[string]int{}}, log: &bridgetest.LogBuffer{}}
	w.names = &fakeAliases{Store: bridgetest.NewStore(bridgetest.Config{Due: schedule.Due}), inlet: w.inlet}
	w.ann = st.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	w.dev = st.AddChannel(slacktest.Channel{Name: "dev"})
	w.root = st.Say(w.ann.ID, w.dev.ID, "the root", slacktest.WithoutEvents())
	cfg := Config{
		BotToken: FixedToken(st.Config().BotToken), AppToken: FixedToken(st.Config().AppToken), APIURL: st.APIURL,
		Dial: st.Dial, Connections: 1, Gate: Gate{AllowDMs: true}, Observer: w.watch,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&cfg)
	}
	app, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.app = app
	app.UseAliases(w.names)
	t.Cleanup(app.api.CloseIdleConnections)
	return w
}

// run starts the app and waits until its sockets are up. It ends with the test, or with stop.
func (w *world) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.app.Run(ctx, w.inlet) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Cleanup(w.stop)
	eventually(t, "sockets", func() bool { return w.app.Status().Up == w.app.cfg.Connections })
}

// reply posts to the thread of root.
func (w *world) reply(text string) string {
	return w.Say(w.ann.ID, w.dev.ID, text, slacktest.InThread(w.root))
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	t.Fatalf("timed out waiting for %s", what)
}

// fakeAliases keeps aliases in memory. The threads that it holds are those of the messages that the inlet accepted.
type fakeAliases struct {
	*bridgetest.Store
	inlet *fakeInlet
	fails atomic.Int32
}

func (a *fakeAliases) RenameChannel(ctx context.Context, from, to bridge.ChannelKey) (bool, error) {
	if a.fails.Add(-1) >= 0 {
		return false, errDisk
	}
	return a.Store.RenameChannel(ctx, from, to)
}

func (a *fakeAliases) Holds(_ context.Context, thread bridge.ThreadKey) (bool, error) {
	return slices.ContainsFunc(a.inlet.messagesSeen(), func(m bridge.Message) bool { return m.Thread == thread }), nil
}

// fakeInlet records what it accepts, and deduplicates as the bridge does.
type fakeInlet struct {
	fakePresence
	mu        sync.Mutex
	messages  []bridge.Message
	deletions []bridge.Deletion
	clicks    []bridge.Click
	seen      map[string]bool
	calls     int
	// before runs outside of the lock; its error is the call's.
	before func(ts string) error
}

func (m *fakeInlet) AcceptMessage(_ context.Context, msg bridge.Message) (bridge.Result, error) {
	if err := m.call(msg.TS); err != nil {
		return bridge.Result{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]bool{}
	}
	id := string(msg.Thread) + msg.TS + msg.Edited
	if m.seen[id] {
		return bridge.Result{Ignored: "known_already"}, nil
	}
	m.seen[id] = true
	m.messages = append(m.messages, msg)
	return bridge.Result{New: true}, nil
}

func (m *fakeInlet) call(ts string) error {
	m.mu.Lock()
	m.calls++
	before := m.before
	m.mu.Unlock()
	if before != nil {
		return before(ts)
	}
	return nil
}

func (m *fakeInlet) AcceptDeletion(_ context.Context, d bridge.Deletion) (bridge.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deletions = append(m.deletions, d)
	return bridge.Result{New: true}, nil
}

func (m *fakeInlet) BotJoined(context.Context, bridge.BotJoin) (bridge.Result, error) {
	return bridge.Result{New: true}, nil
}

func (m *fakeInlet) AcceptClick(_ context.Context, c bridge.Click) (bridge.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clicks = append(m.clicks, c)
	return bridge.Result{New: true}, nil
}

func (m *fakeInlet) messagesSeen() []bridge.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

func (m *fakeInlet) clicksSeen() []bridge.Click {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.clicks)
}

func (m *fakeInlet) deletionsSeen() []bridge.Deletion {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.deletions)
}

func (m *fakeInlet) setBefore(f func(ts string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before = f
}

var errDisk = errors.New("no space left on device")

// fakeObserver counts.
type fakeObserver struct {
	mu      sync.Mutex
	counts  map[string]int
	foreign int
}

func (w *fakeObserver) Sockets(int) {}

func (w *fakeObserver) Foreign(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.foreign = n
}

func (w *fakeObserver) otherConnections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.foreign
}

func (w *fakeObserver) Count(what Counter, label string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[string(what)+" "+label]++
}

func (w *fakeObserver) Call(method string, class bridge.FaultClass, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts["call "+method+" "+string(class)]++
}

func (w *fakeObserver) count(key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts[key]
}
