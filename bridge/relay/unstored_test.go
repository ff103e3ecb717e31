package relay_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// lateSlack is a Slack that loses the response to the next call for a reaction and
// applies that call later.
type lateSlack struct {
	silent
	shown map[string]bool
	lose  bool
	late  []func()
}

func (l *lateSlack) AddReaction(_ context.Context, _ bridge.ThreadKey, _, emoji string) error {
	return l.call(func() { l.shown[emoji] = true })
}

func (l *lateSlack) RemoveReaction(_ context.Context, _ bridge.ThreadKey, _, emoji string) error {
	return l.call(func() { delete(l.shown, emoji) })
}

func (l *lateSlack) call(apply func()) error {
	if l.lose {
		l.lose = false
		l.late = append(l.late, apply)
		return &bridge.Fault{Class: bridge.ClassTemporary}
	}
	apply()
	return nil
}

func (l *lateSlack) applyLate() {
	for _, apply := range l.late {
		apply()
	}
	l.late = nil
}

// fullIntake is a store that can't accept anything while its disk is full.
type fullIntake struct {
	bridge.Intake
	full bool
}

func (i *fullIntake) Accept(ctx context.Context, thread bridge.ThreadKey, ids []string, decide bridge.Decision) error {
	if i.full {
		return errDisk
	}
	return i.Intake.Accept(ctx, thread, ids, decide)
}

const reactedTS = "1700000100.000001"

// lateTown is a relay with one message that was sent and whose reaction changes.
type lateTown struct {
	t      *testing.T
	now    time.Time
	slack  *lateSlack
	store  *bridgetest.Store
	lanes  *fullDisk
	intake *fullIntake
	relay  *relay.Relay
}

func newLateTown(t *testing.T) *lateTown {
	w := &lateTown{t: t, now: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC), slack: &lateSlack{shown: map[string]bool{}}}
	clock := func() time.Time { return w.now }
	w.store = bridgetest.NewStore(bridgetest.Config{Now: clock, Due: schedule.Due})
	w.lanes, w.intake = &fullDisk{Lanes: w.store}, &fullIntake{Intake: w.store}
	w.relay = relay.New(relay.Config{Intake: w.intake, Lanes: w.lanes, Slack: w.slack, Now: clock})
	return w
}

// desire changes the desired reaction of the message.
func (w *lateTown) desire(emoji string) {
	w.t.Helper()
	err := w.store.Accept(w.t.Context(), draftThread, []string{reactedTS}, func(state *bridge.ThreadState, at bridge.Instant) error {
		m := state.Messages[reactedTS]
		if m == nil {
			m = &bridge.MessageRecord{
				Message:  bridge.Message{Thread: draftThread, TS: reactedTS},
				Delivery: bridge.Delivery{State: bridge.StateDone, Receipt: "e1"},
			}
			state.Messages[reactedTS] = m
		}
		record.SetDesired(&m.Reaction, emoji, at)
		m.Touch()
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *lateTown) step() bool {
	w.t.Helper()
	did, err := w.relay.Step(w.t.Context(), bridge.ToSlack)
	if err != nil {
		w.t.Fatal(err)
	}
	return did
}

func (w *lateTown) run() {
	w.t.Helper()
	for w.step() {
	}
}

// loseCall takes the next step with a lost response and a full disk. If refusesTwice is
// true, the disk accepts nothing at all.
func (w *lateTown) loseCall(refusesTwice bool) {
	w.t.Helper()
	w.slack.lose, w.lanes.full, w.intake.full = true, true, refusesTwice
	w.step()
	w.lanes.full, w.intake.full = false, false
	if len(w.slack.late) != 1 {
		w.t.Fatalf("lost calls: got %d, want 1", len(w.slack.late))
	}
	w.now = w.now.Add(2 * time.Second)
}

// TestALateReactionDoesNotUndoTheNewerOne: a call for a reaction ends without a response,
// and the disk doesn't store that outcome. In half of the cases it doesn't even store
// that the outcome is unknown.
func TestALateReactionDoesNotUndoTheNewerOne(t *testing.T) {
	for _, refusesTwice := range []bool{false, true} {
		for call, c := range map[string]struct {
			lose func(*lateTown)
			want string
		}{
			"add": {func(w *lateTown) {
				w.desire("hourglass")
				w.loseCall(refusesTwice)
			}, "check"},
			"remove": {func(w *lateTown) {
				w.desire("hourglass")
				w.run()
				w.desire("eyes")
				w.step() // it adds eyes; the removal of the hourglass is next
				w.loseCall(refusesTwice)
			}, "hourglass"},
		} {
			t.Run(fmt.Sprintf("%s, refuses twice: %t", call, refusesTwice), func(t *testing.T) {
				w := newLateTown(t)
				c.lose(w)
				w.desire(c.want)
				w.run()
				w.slack.applyLate()
				w.now = w.now.Add(record.RecheckAfter + time.Second)
				w.run()
				if got := slices.Sorted(maps.Keys(w.slack.shown)); !slices.Equal(got, []string{c.want}) {
					t.Errorf("shown: got %q, want only %q", got, c.want)
				}
			})
		}
	}
}
