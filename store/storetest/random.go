package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// sketch is the visible state of rows, for comparison.
func sketch(state *bridge.ThreadState) string {
	b, err := json.Marshal(state)
	if err != nil {
		return err.Error()
	}
	return string(b) + sketchSeen(state.Thread.Seen)
}

// pair is a lane that was claimed from both stores.
type pair struct{ got, want *bridge.Claim }

// twins are the store under test and the reference store. Everything is done to both.
type twins struct {
	*world
	ref    *bridgetest.Store
	rand   *rand.Rand
	claims []pair
	log    []string
}

// random applies the same random operations to the store and to the reference, and
// compares their visible state after each.
func random(w *world) {
	for seed := range uint64(8) {
		w.Logf("seed %d", seed)
		w.dir, w.clock = w.TempDir(), NewClock()
		w.close()
		w.open()
		x := &twins{world: w, rand: rand.New(rand.NewPCG(seed, 1))}
		x.ref = bridgetest.NewStore(bridgetest.Config{Now: w.clock.Now, Due: Due, Retention: retention})
		for range 400 {
			x.step()
			if w.Failed() {
				for _, l := range x.log[max(0, len(x.log)-20):] {
					w.Log(l)
				}
				return
			}
		}
	}
}

func (x *twins) step() {
	switch n := x.rand.IntN(100); {
	case n < 40:
		x.acceptBoth()
	case n < 60:
		x.claimBoth()
	case n < 70:
		x.workBoth("begin", x.s.Begin, x.ref.Begin, false)
	case n < 88:
		x.workBoth("settle", x.s.Settle, x.ref.Settle, true)
	case n < 95:
		d := []time.Duration{time.Second, 10 * time.Second, time.Minute, 2 * time.Hour, 300 * time.Hour}[x.rand.IntN(5)]
		x.note("advance %v", d)
		x.clock.Advance(d)
	case n < 96:
		x.renameBoth()
	case n < 97:
		x.restBoth()
	case n < 98:
		x.note("prune")
		x.prune()
		x.same("prune", nil, x.ref.Prune(x.ctx()))
	default:
		x.note("reopen")
		if x.rand.IntN(2) == 0 {
			x.reopen()
		} else {
			x.crash()
		}
		x.ref.Reopen()
		x.claims = nil
	}
	x.compare()
}

func (x *twins) note(format string, args ...any) { x.log = append(x.log, fmt.Sprintf(format, args...)) }

func (x *twins) thread() bridge.ThreadKey { return x.key(x.rand.IntN(6)) }

// key returns one of two threads in each of three channels.
func (x *twins) key(i int) bridge.ThreadKey {
	return bridge.ThreadKey(fmt.Sprintf("T/C%d/%d", i/2, i%2))
}

// decision returns a random decision, its description, and the ids that it requests.
func (x *twins) decision() (string, []string, bridge.Decision) {
	ts, note := fmt.Sprintf("%d.0", x.rand.IntN(6)), fmt.Sprintf("n%d", x.rand.IntN(3))
	d := time.Duration(x.rand.IntN(30)-5) * time.Second
	var ids []string
	if x.rand.IntN(2) == 0 {
		ids = []string{ts, note}
	}
	kinds := []struct {
		name string
		d    bridge.Decision
	}{
		{"add", addMessage(ts, d)},
		{"add", addMessage(ts, d)},
		{"post", addPost(note, d)},
		{"in flight", state(ts, bridge.StateInFlight)},
		{"ready", state(ts, bridge.StateReady)},
		{"held", state(ts, bridge.StateHeld)},
		{"dead", state(ts, bridge.StateDead)},
		{"done", done(ts)},
		{"done", done(ts)},
		{"posted", posted(note)},
		{"delay", delay(ts, d)},
		{"react", react(ts, "eyes", d)},
		{"poll", poll(d)},
		{"bind", bind("s1")},
		{"nothing", look(func(*bridge.ThreadState, bridge.Instant) {})},
		{"delete", look(func(state *bridge.ThreadState, _ bridge.Instant) { delete(state.Messages, ts) })},
		{"unbind", unbind},
		{"see", see(uint64(d.Seconds()+5)%8, 1, uint64(d.Seconds()+5))},
		{"see many", see(2, 400, uint64(d.Seconds()+5))},
		{"far", delay(ts, 1000*time.Hour)},
	}
	a, b := kinds[x.rand.IntN(len(kinds))], kinds[x.rand.IntN(len(kinds))]
	name, both := a.name+"+"+b.name, seq(a.d, b.d)
	switch x.rand.IntN(12) {
	case 0:
		return name + "+error", ids, seq(both, fail(errGone))
	case 1:
		return name + "+changed", ids, seq(both, fail(bridge.ErrChanged))
	}
	return name + " " + ts + " " + note, ids, both
}

func (x *twins) acceptBoth() {
	thread := x.thread()
	name, ids, d := x.decision()
	x.note("accept %s %v %s", thread, ids, name)
	got, want := x.s.Accept(x.ctx(), thread, ids, d), x.ref.Accept(x.ctx(), thread, ids, d)
	x.same("accept", got, want)
}

func (x *twins) claimBoth() {
	remote := []bridge.Remote{bridge.ToAgen, bridge.ToSlack}[x.rand.IntN(2)]
	x.note("claim %s", remote)
	got, err := x.s.Claim(x.ctx(), remote)
	want, refErr := x.ref.Claim(x.ctx(), remote)
	x.same("claim", err, refErr)
	switch {
	case got == nil && want == nil:
	case got == nil || want == nil:
		x.Errorf("claim: got %v, want %v", got, want)
	case got.Thread != want.Thread || !got.At.Now.Equal(want.At.Now) || got.At.Opening != want.At.Opening || sketch(got.State) != sketch(want.State):
		x.Errorf("claim:\ngot  %s %+v %s\nwant %s %+v %s", got.Thread, got.At, sketch(got.State), want.Thread, want.At, sketch(want.State))
	default:
		x.claims = append(x.claims, pair{got, want})
	}
}

// channel returns a random channel or single thread.
func (x *twins) channel() bridge.ChannelKey {
	thread := x.thread()
	if x.rand.IntN(2) == 0 {
		return bridge.ChannelKey(thread)
	}
	return thread.Channel()
}

func (x *twins) renameBoth() {
	from, to := x.thread().Channel(), x.thread().Channel()
	x.note("rename %s to %s", from, to)
	got, err := x.s.RenameChannel(x.ctx(), from, to)
	want, refErr := x.ref.RenameChannel(x.ctx(), from, to)
	x.same("rename", err, refErr)
	if got != want {
		x.Errorf("rename: got %t, want %t", got, want)
	}
}

// restBoth pauses or resumes a channel.
func (x *twins) restBoth() {
	channel := x.channel()
	ts := fmt.Sprintf("%d.0", x.rand.IntN(6))
	does, got, want := "rest", x.s.Pause, x.ref.Pause
	if x.rand.IntN(2) == 0 {
		does, got, want = "wake", x.s.Resume, x.ref.Resume
	}
	x.note("%s %s", does, channel)
	did, err := got(x.ctx(), channel, delay(ts, 0))
	refDid, refErr := want(x.ctx(), channel, delay(ts, 0))
	x.same(does, err, refErr)
	if did != refDid {
		x.Errorf("%s: got %t, want %t", does, did, refDid)
	}
}

// workBoth begins or settles a lane that was claimed before.
func (x *twins) workBoth(name string, got, want workFunc, nilToo bool) {
	if len(x.claims) == 0 {
		return
	}
	i := x.rand.IntN(len(x.claims))
	p := x.claims[i]
	what, _, d := x.decision()
	if nilToo && x.rand.IntN(5) == 0 {
		what, d = "nil", nil
	}
	x.note("%s %s %s %s", name, p.got.Thread, p.got.Remote, what)
	x.same(name, got(x.ctx(), p.got, d), want(x.ctx(), p.want, d))
	if closed(p.got.Changed) != closed(p.want.Changed) {
		x.Errorf("%s: Changed is closed %t, want %t", name, closed(p.got.Changed), closed(p.want.Changed))
	}
}

type workFunc = func(context.Context, *bridge.Claim, bridge.Decision) error

// same compares errors by their class.
func (x *twins) same(what string, got, want error) {
	x.Helper()
	if (got == nil) != (want == nil) || errors.Is(got, bridge.ErrLost) != errors.Is(want, bridge.ErrLost) {
		x.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

// compare compares the whole visible state.
func (x *twins) compare() {
	for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
		got, _ := x.s.Due(remote)
		want, _ := x.ref.Due(remote)
		if got != want {
			x.Errorf("due for %s: got %v, want %v", remote, got, want)
		}
		x.depth(remote, x.ref.Depth(remote).Undelivered, x.ref.Depth(remote).Oldest)
	}
	for i := range 6 {
		got := x.rows(x.key(i))
		want, err := x.ref.Rows(x.ctx(), x.key(i))
		if err != nil || sketch(got) != sketch(want) {
			x.Errorf("rows of %s:\ngot  %s\nwant %s (%v)", x.key(i), sketch(got), sketch(want), err)
		}
		channel := x.key(i).Channel()
		if got, want := x.s.CurrentChannel(channel), x.ref.CurrentChannel(channel); got != want {
			x.Errorf("the present key of %s: got %s, want %s", channel, got, want)
		}
		if got, want := x.s.FormerChannels(channel), x.ref.FormerChannels(channel); !slices.Equal(got, want) {
			x.Errorf("the former keys of %s: got %v, want %v", channel, got, want)
		}
	}
}
