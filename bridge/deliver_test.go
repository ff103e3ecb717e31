package bridge

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

func TestWhatFollowsFromAFailedSend(t *testing.T) {
	for class, want := range map[FaultClass]struct {
		state    DeliveryState
		attempts int
		next     StepKind // two seconds later
	}{
		ClassTemporary:    {StateReady, 1, StepSend},
		ClassRateLimited:  {StateReady, 0, ""},
		ClassUnauthorized: {StateReady, 0, ""},
		ClassUnsure:       {StateInFlight, 0, StepLookUp},
		ClassConflict:     {StateInFlight, 0, StepLookUp},
		ClassNotFound:     {StateReady, 1, StepRead},
		ClassRejected:     {StateDead, 0, StepRead},
		ClassForbidden:    {StateDead, 0, StepRead},
	} {
		t.Run(string(class), func(t *testing.T) {
			w := bound(t)
			w.hear(said(2, KindReply))
			w.begin(ts(2))
			w.do(w.policy.sendFailed(ts(2), &Fault{Class: class, Reason: "because"}))
			m := w.row(ts(2))
			if m.State != want.state || m.Attempts != want.attempts {
				t.Errorf("got %s after %d attempts, want %s after %d", m.State, m.Attempts, want.state, want.attempts)
			}
			w.pass(2 * time.Second)
			w.wantNext(ToAgen, want.next, "")
		})
	}
}

func TestAStopIsNotAnAttempt(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassTemporary, Err: fmt.Errorf("send: %w", errStopped)}))
	if m := w.row(ts(2)); m.State != StateReady || m.Attempts != 0 || m.Due.After(w.at.Now) {
		t.Errorf("got %s, %d attempts, due %s", m.State, m.Attempts, m.Due)
	}
}

func TestWhatComesWhileALaterOneIsComposedGoesFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(3, KindReply))
	composed := w.row(ts(3)).Rev
	w.hear(said(2, KindReply))
	if err := w.policy.begin(ts(3), composed, PromptContext{}, Prompt{})(w.rows, w.at); !errors.Is(err, ErrChanged) {
		t.Errorf("the later message begins with %v, want %v", err, ErrChanged)
	}
	w.wantState(ts(3), StateReady)
	w.wantNext(ToAgen, StepSend, ts(2))
	w.sent(ts(2))
	w.wantNext(ToAgen, StepSend, ts(3))
	w.begin(ts(3))
}

func TestNotThereCountsLateAndTwice(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassUnsure}))
	for passed := time.Duration(0); w.row(ts(2)).State == StateInFlight; {
		due, ok := w.rows.Due(ToAgen)
		if !ok {
			t.Fatal("nothing looks for it")
		}
		step := max(due.Sub(w.at.Now), 0)
		w.pass(step)
		passed += step
		if passed > 2*time.Minute {
			t.Fatal("it is never believed")
		}
		w.wantNext(ToAgen, StepLookUp, ts(2))
		w.reads(TimelineRead{})
		if w.row(ts(2)).State != StateInFlight && passed < 70*time.Second {
			t.Fatalf("believed after %s", passed)
		}
	}
	w.wantState(ts(2), StateReady)
	w.wantNext(ToAgen, StepSend, ts(2))
}

func TestFoundIsDone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassUnsure}))
	w.reads(TimelineRead{Ours: map[string]TimelineEntry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	m := w.row(ts(2))
	if m.State != StateDone || m.Receipt != "e2" || m.Status != agen.StatusCompleted || m.Body != nil {
		t.Errorf("got %+v", m)
	}
}

func TestTheTimelineIsTheAuthorityOnStatus(t *testing.T) {
	w := bound(t)
	w.reads(TimelineRead{Ours: map[string]TimelineEntry{ts(1): {Status: "completed"}}})
	w.row(ts(1)).State = StateInFlight // as if the answer came after the read
	w.do(w.policy.sent(ts(1), TimelineEntry{EventID: "ev", Status: "queued"}, nil))
	if got := w.row(ts(1)).Status; got != agen.StatusCompleted {
		t.Errorf("the answer to the send set %s over what was read", got)
	}
}

func TestAConflictThatIsNotThereIsARefusal(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassConflict}))
	for range 2 {
		w.pass(missAfter)
		w.reads(TimelineRead{})
	}
	w.wantState(ts(2), StateDead)
}

func TestWithoutTheEchoAPersonDecides(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, KindMention))
	w.do(w.policy.opened(ts(1), "s1"))
	w.begin(ts(1))
	w.do(w.policy.sendFailed(ts(1), &Fault{Class: ClassUnsure}))
	for range 2 {
		w.pass(missAfter)
		w.reads(TimelineRead{Unmarked: true})
	}
	w.wantState(ts(1), StateHeld)
	w.press(w.rows.Thread.FailureNote, ActionRetry)
	w.wantState(ts(1), StateReady)
}

func TestASessionIsGoneOnlyWhenBothCallsSayItForAMinute(t *testing.T) {
	missing := &Fault{Class: ClassNotFound}
	fresh := func(t *testing.T) *world {
		w := bound(t)
		w.hear(said(2, KindReply))
		w.begin(ts(2))
		w.do(w.policy.sendFailed(ts(2), missing))
		w.wantNext(ToAgen, StepRead, "")
		return w
	}
	t.Run("gone", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.readFailed(missing))
		w.pass(time.Minute)
		w.wantNext(ToAgen, StepSend, ts(2))
		w.begin(ts(2))
		w.do(w.policy.sendFailed(ts(2), missing))
		w.wantState(ts(2), StateReady)
		w.do(w.policy.readFailed(missing))
		w.wantState(ts(2), StateHeld)
		if !w.rows.Thread.Session.Closed {
			t.Error("the session is not gone")
		}
	})
	t.Run("a gateway in mid-deploy", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.readFailed(missing))
		w.pass(30 * time.Second)
		w.reads(TimelineRead{})
		w.pass(10 * time.Second)
		w.wantNext(ToAgen, StepSend, ts(2)) // long before the minute is over
		w.begin(ts(2))
		w.do(w.policy.sendFailed(ts(2), missing))
		w.do(w.policy.readFailed(missing))
		w.wantState(ts(2), StateReady)
	})
	t.Run("only the read", func(t *testing.T) {
		w := bound(t)
		for range 200 {
			w.do(w.policy.readFailed(missing))
			w.pass(time.Minute)
		}
		if w.rows.Thread.Session.Closed {
			t.Error("gone without a send that says so")
		}
	})
	t.Run("an unsure message", func(t *testing.T) {
		w := bound(t)
		w.hear(said(2, KindReply))
		w.begin(ts(2))
		w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassUnsure}))
		w.do(w.policy.readFailed(missing))
		w.pass(4 * time.Minute)
		w.do(w.policy.readFailed(missing))
		w.wantState(ts(2), StateInFlight)
		w.pass(time.Minute)
		w.do(w.policy.readFailed(missing))
		w.wantState(ts(2), StateHeld)
	})
}

func TestMaxAgeEndsVisibly(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.do(w.policy.authorized(ts(2), nil))
	w.pass(72 * time.Hour)
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassTemporary}))
	w.wantState(ts(2), StateDead)
	if got := w.row(ts(2)).Reaction.Desired; got != "warning" {
		t.Errorf("it shows %q", got)
	}
	if w.rows.Posts[w.rows.Thread.FailureNote] == nil {
		t.Error("no note says why")
	}
}

func TestADeadMessageHoldsNobodyUp(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.hear(said(3, KindReply))
	w.begin(ts(2))
	w.wantNext(ToAgen, StepLookUp, ts(2)) // never the next message
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassRejected, Reason: "no"}))
	w.wantNext(ToAgen, StepSend, ts(3))
}

func TestAMessageThatChangedIsNotBegun(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	rev := w.row(ts(2)).Rev
	edit := said(2, KindReply)
	edit.Edited, edit.Digest = ts(8), 80
	w.hear(edit)
	if err := w.policy.begin(ts(2), rev, PromptContext{}, Prompt{})(w.rows, w.at); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
}

func TestAReplyWhoseSessionNeverOpenedFailsWithIt(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, KindMention))
	w.hear(said(2, KindReply))
	w.do(w.policy.sendFailed(ts(1), &Fault{Class: ClassRejected, Reason: "branch mian not found"}))
	w.do(w.policy.noSession(ts(2)))
	note := w.onlyPost()
	w.press(note.Key, ActionRetry)
	w.wantNext(ToAgen, StepSend, ts(1))
	w.wantState(ts(2), StateReady)
}

func TestPollInterval(t *testing.T) {
	for _, c := range []struct {
		silence time.Duration
		open    bool
		took    time.Duration
		want    time.Duration
	}{
		{0, true, 0, time.Second},
		{time.Minute, true, 0, 7500 * time.Millisecond},
		{time.Hour, true, 0, 20 * time.Second},
		{3 * time.Hour, true, 0, 10 * time.Minute},
		{time.Hour, false, 0, 450 * time.Second},
		{24 * time.Hour, false, 0, 10 * time.Minute},
		{50 * time.Hour, true, 0, time.Hour},
		{0, true, 2 * time.Second, 20 * time.Second},
	} {
		if got := pollInterval(c.silence, c.open, c.took); got != c.want {
			t.Errorf("pollInterval(%s, %t, %s): got %s, want %s", c.silence, c.open, c.took, got, c.want)
		}
	}
}

func TestFollowingEndsAfterWatchMax(t *testing.T) {
	w := bound(t)
	w.reads(TimelineRead{Fingerprint: 1})
	w.pass(721 * time.Hour)
	w.reads(TimelineRead{Fingerprint: 1})
	if got := w.row(ts(1)); got.Reaction.Desired != "" || got.End != EndAbandoned {
		t.Errorf("the message shows %q, %s", got.Reaction.Desired, got.End)
	}
	w.onlyPost()
	if _, due := w.rows.Due(ToAgen); due {
		t.Error("the timeline is still read")
	}
	w.hear(said(2, KindReply))
	w.sent(ts(2))
	w.pass(time.Second)
	w.wantNext(ToAgen, StepRead, "")
}

func TestAThreadThatNeverFallsSilentIsReadAllTheSame(t *testing.T) {
	w := bound(t)
	for i := range 10 {
		w.pass(400 * time.Millisecond)
		if s, ok := w.rows.next(ToAgen, w.at.Now); ok && s.kind == StepRead {
			return
		}
		w.hear(said(2+i, KindReply))
		w.sent(ts(2 + i))
	}
	t.Error("in four seconds it was not read once")
}

// TestSlackWantsToBeLeftAlone: nothing that asks it is tried meanwhile, and
// what does not goes on.
func TestSlackWantsToBeLeftAlone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.hear(said(3, KindReply))
	w.pass(2 * time.Second)
	limit := &Fault{Class: ClassRateLimited, Wait: time.Minute}
	w.do(w.policy.composeFailed(ts(3), false, limit))
	w.wantNext(ToAgen, StepRead, "")
	w.pass(time.Minute)
	w.wantNext(ToAgen, StepSend, ts(2))
}

func TestWhatWaitsInARestoredStoreIsLookedUpFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(2, KindReply))
	w.hear(said(3, KindReply))
	w.at.Restored = w.at.Now
	if !w.row(ts(2)).mayBeSentElsewhere(w.at) {
		t.Fatal("it would be sent at once")
	}
	w.pass(5 * time.Minute)
	w.do(w.policy.lookUpMessages())
	if got, want := w.row(ts(2)).InFlightSince, w.at.Restored; !got.Equal(want) {
		t.Errorf("it was begun at %v, want %v, before the copy was put back", got, want)
	}
	w.reads(TimelineRead{Ours: map[string]TimelineEntry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), StateDone)
	w.wantState(ts(3), StateInFlight)
	for range 2 {
		w.pass(time.Minute)
		w.reads(TimelineRead{})
	}
	w.wantNext(ToAgen, StepSend, ts(3))
	if w.row(ts(3)).mayBeSentElsewhere(w.at) {
		t.Error("it is looked up for ever")
	}
	w.pass(time.Minute)
	w.hear(said(4, KindReply))
	if !w.row(ts(4)).mayBeSentElsewhere(w.at) {
		t.Error("what was written before and came afterwards would be sent at once")
	}
	fresh := said(5, KindReply)
	fresh.TS = FormatTS(w.at.Now)
	w.hear(fresh)
	if w.row(fresh.TS).mayBeSentElsewhere(w.at) {
		t.Error("what was written afterwards is not believed")
	}
	w.at.Restored = w.at.Now.Add(-time.Second)
	if !w.row(ts(3)).mayBeSentElsewhere(w.at) {
		t.Error("when the store is restored again it would be sent at once")
	}
}

// TestReactionsOfASessionThatIsGoneAreReviewed: after a restoration a read does
// that; where none will, the end of the session does.
func TestReactionsOfASessionThatIsGoneAreReviewed(t *testing.T) {
	for _, restored := range []bool{false, true} {
		w := bound(t)
		w.reads(TimelineRead{Ours: map[string]TimelineEntry{ts(1): {EventID: "e1", ClientID: ts(1), Status: "completed"}}})
		if restored {
			w.at.Restored = w.at.Now
		}
		w.do(func(r *ThreadState, at Instant) error { w.policy.sessionClosed(r, at); return nil })
		if got := w.row(ts(1)).Reaction.Unknown; got != restored {
			t.Errorf("restored %t: the reaction is read anew: %t", restored, got)
		}
	}
}

// TestSlackThatWantsRestIsLeftAlone: the message waits, also the look at who
// wrote the one behind it; Agen is read all the same.
func TestSlackThatWantsRestIsLeftAlone(t *testing.T) {
	for _, class := range []FaultClass{ClassRateLimited, ClassUnauthorized} {
		w := bound(t)
		w.hear(said(2, KindReply))
		w.hear(said(3, KindReply))
		w.do(w.policy.composeFailed(ts(3), false, &Fault{Class: class, Wait: 30 * time.Second}))
		w.pass(29 * time.Second)
		w.wantNext(ToAgen, StepRead, "")
		w.reads(TimelineRead{})
		w.wantNext(ToAgen, "", "")
		w.pass(2 * time.Minute)
		w.wantNext(ToAgen, StepSend, ts(2))
	}
}
