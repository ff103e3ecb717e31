package bridge

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// fussy is a store that fails as the real one does where a decision panics.
type fussy struct {
	rows  *ThreadState
	at    Instant
	after int // so many decisions work
}

func (f *fussy) apply(d Decision) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = PanicFault(p)
		}
	}()
	if f.after--; f.after == -1 {
		panic("what somebody said")
	}
	return d(f.rows, f.at)
}

func (f *fussy) Look(ThreadKey, func(*ThreadState)) {}

func (f *fussy) Accept(_ context.Context, _ ThreadKey, _ []string, d Decision) error {
	return f.apply(d)
}

func (f *fussy) Claim(context.Context, Remote) (*Claim, error) { return nil, nil }

func (f *fussy) Begin(_ context.Context, _ *Claim, d Decision) error { return f.apply(d) }

func (f *fussy) Settle(_ context.Context, _ *Claim, d Decision) error { return f.apply(d) }

func (f *fussy) Due(Remote) (time.Duration, <-chan struct{}) { return time.Hour, nil }

// TestAnOutcomeThatCantBeAppliedIsTakenOutOfTheWay has the decision about a
// step panic: the message is given up where nothing was sent, and looked up
// where something may have been.
func TestAnOutcomeThatCantBeAppliedIsTakenOutOfTheWay(t *testing.T) {
	for _, c := range []struct {
		begun bool
		want  DeliveryState
	}{{false, StateDead}, {true, StateInFlight}} {
		now := time.Unix(1_700_000_200, 0)
		const id = "1700000100.000002"
		m := &MessageRecord{Message: Message{TS: id, Kind: KindReply}, Delivery: Delivery{State: StateReady, Accepted: now, Due: now}}
		if c.begun {
			m.State, m.InFlightSince = StateInFlight, now
		}
		state := NewThreadState("T1/C1/1700000100.000001")
		state.Thread = Thread{Started: now, StartTS: "1700000100.000001", Session: Session{ID: "s1", Count: 1, HasContext: true}}
		state.Messages[id] = m
		at := Instant{Now: now, Opening: 1}
		var log strings.Builder
		r := New(Config{
			Intake: &fussy{rows: state, at: at, after: -2}, Lanes: &fussy{rows: state, at: at},
			Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		nothing := func(*ThreadState, Instant) error { return nil } // the store panics in its place
		r.settle(t.Context(), &Claim{Thread: state.Key, Remote: ToAgen}, step{kind: StepSend, row: id}, nothing)
		if m.State != c.want {
			t.Errorf("the message is %s, want %s", m.State, c.want)
		}
		if n := strings.Count(log.String(), "a step hit a bug"); n != 1 || strings.Contains(log.String(), "somebody said") {
			t.Errorf("got %d lines, want one without the words:\n%s", n, &log)
		}
	}
}

// TestAThreadInWhichEverythingBreaksStandsStill: the last resort changes no row.
func TestAThreadInWhichEverythingBreaksStandsStill(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.do(w.policy.pauseAfterPanic())
	w.pass(unreadableFor - time.Second)
	w.wantNext(ToAgen, "", "")
	w.wantNext(ToSlack, "", "")
	w.pass(2 * time.Second)
	w.wantNext(ToAgen, StepSend, ts(2))
}

// TestALookUpThatBreaksIsDecidedByAPerson: after some minutes.
func TestALookUpThatBreaksIsDecidedByAPerson(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.afterPanic(step{kind: StepLookUp, row: ts(2)}))
	w.wantState(ts(2), StateInFlight)
	w.wantNext(ToAgen, "", "")
	w.pass(unreadableFor)
	w.do(w.policy.afterPanic(step{kind: StepLookUp, row: ts(2)}))
	w.wantState(ts(2), StateHeld)
	if got := w.row(ts(2)).Hold; got != HoldUnsure {
		t.Errorf("held: got %q, want %q", got, HoldUnsure)
	}
}

// TestAPostThatBreaksHoldsNobodyUp: what was not said is given up, what may
// have been is looked for, and a look-up that breaks ends after some minutes.
func TestAPostThatBreaksHoldsNobodyUp(t *testing.T) {
	w := bound(t)
	post := func(key string) *PostRecord {
		w.do(func(r *ThreadState, at Instant) error {
			w.policy.upsertPost(r, Post{Key: key, Text: "x"}, nil, at)
			return nil
		})
		return w.rows.Posts[key]
	}
	p := post("a:1")
	w.do(w.policy.afterPanic(step{kind: StepPost, row: p.Key}))
	if p.State != StateDead || p.Fault != ClassPanic {
		t.Errorf("a post that was not said: got %s, %q, want it given up", p.State, p.Fault)
	}
	p = post("a:2")
	w.do(w.policy.postBegin(p.Key, p.Rev))
	w.do(w.policy.afterPanic(step{kind: StepPost, row: p.Key}))
	if p.State != StateInFlight {
		t.Errorf("a post that may have been said: got %s, want it looked for", p.State)
	}
	w.pass(unreadableFor)
	w.do(w.policy.afterPanic(step{kind: StepFindPost, row: p.Key}))
	if p.State != StateDead {
		t.Errorf("a post that can't be looked for: got %s, want it given up", p.State)
	}
}

func TestCaughtTellsWhatAndWhereAndNotWhatWasSaid(t *testing.T) {
	caught := func(f func()) (err error) {
		defer func() { err = PanicFault(recover()) }()
		f()
		return nil
	}
	var none []int
	err := caught(func() { _ = none[len(t.Name())] })
	if !errors.Is(err, ClassPanic) || !strings.Contains(err.Error(), "index out of range") || !strings.Contains(err.Error(), "bridge.TestCaught") {
		t.Errorf("got %v, want the runtime's words and the place", err)
	}
	err = caught(func() { panic(errors.New("what somebody said")) })
	if strings.Contains(err.Error(), "said") || !strings.Contains(err.Error(), "errorString") {
		t.Errorf("got %v, want the type and not the text", err)
	}
}
