package relay

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// fussy is a store that fails the way the production store does when a decision panics.
type fussy struct {
	rows  *bridge.ThreadState
	at    bridge.Instant
	after int // number of decisions that succeed
}

func (f *fussy) apply(d bridge.Decision) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bridge.PanicFault(p)
		}
	}()
	if f.after--; f.after == -1 {
		panic("what somebody said")
	}
	return d(f.rows, f.at)
}

func (f *fussy) Look(bridge.ThreadKey, func(*bridge.ThreadState)) {}

func (f *fussy) Accept(_ context.Context, _ bridge.ThreadKey, _ []string, d bridge.Decision) error {
	return f.apply(d)
}

func (f *fussy) Claim(context.Context, bridge.Remote) (*bridge.Claim, error) { return nil, nil }

func (f *fussy) Begin(_ context.Context, _ *bridge.Claim, d bridge.Decision) error { return f.apply(d) }

func (f *fussy) Settle(_ context.Context, _ *bridge.Claim, d bridge.Decision) error {
	return f.apply(d)
}

func (f *fussy) Due(bridge.Remote) (time.Duration, <-chan struct{}) { return time.Hour, nil }

// TestAnOutcomeThatCantBeAppliedIsTakenOutOfTheWay makes the decision after a step panic.
// The message is given up if it was not sent, and looked up if it may have been sent.
func TestAnOutcomeThatCantBeAppliedIsTakenOutOfTheWay(t *testing.T) {
	for _, c := range []struct {
		begun bool
		want  bridge.DeliveryState
	}{{false, bridge.StateDead}, {true, bridge.StateInFlight}} {
		now := time.Unix(1_700_000_200, 0)
		const id = "1700000100.000002"
		m := &bridge.MessageRecord{Message: bridge.Message{TS: id, Kind: bridge.KindReply}, Delivery: bridge.Delivery{State: bridge.StateReady, Accepted: now, Due: now}}
		if c.begun {
			m.State, m.InFlightSince = bridge.StateInFlight, now
		}
		state := bridge.NewThreadState("T1/C1/1700000100.000001")
		state.Thread = bridge.Thread{Started: now, StartTS: "1700000100.000001", Session: bridge.Session{ID: "s1", Count: 1, HasContext: true}}
		state.Messages[id] = m
		at := bridge.Instant{Now: now, Opening: 1}
		var log strings.Builder
		r := New(Config{
			Intake: &fussy{rows: state, at: at, after: -2}, Lanes: &fussy{rows: state, at: at},
			Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		nothing := func(*bridge.ThreadState, bridge.Instant) error { return nil } // it is the store that panics
		r.settle(t.Context(), &bridge.Claim{Thread: state.Key, Remote: bridge.ToAgen}, schedule.Step{Kind: bridge.StepSend, ID: id}, nothing)
		if m.State != c.want {
			t.Errorf("the message is %s, want %s", m.State, c.want)
		}
		if n := strings.Count(log.String(), "a step hit a bug"); n != 1 || strings.Contains(log.String(), "somebody said") {
			t.Errorf("got %d lines, want one without the words:\n%s", n, &log)
		}
	}
}
