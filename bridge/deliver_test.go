package bridge

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

func TestWhatFollowsFromAFailedSend(t *testing.T) {
	for class, want := range map[Class]struct {
		state    State
		attempts int
		next     StepKind // two seconds later
	}{
		Temporary:    {Ready, 1, StepSend},
		RateLimited:  {Ready, 0, ""},
		Unauthorized: {Ready, 0, ""},
		Unsure:       {Begun, 0, StepLookUp},
		Conflict:     {Begun, 0, StepLookUp},
		Missing:      {Ready, 1, StepRead},
		Rejected:     {Dead, 0, StepRead},
		Forbidden:    {Dead, 0, StepRead},
	} {
		t.Run(string(class), func(t *testing.T) {
			w := bound(t)
			w.hear(said(2, Reply))
			w.begin(ts(2))
			w.do(w.policy.unsent(ts(2), &Fault{Class: class, Reason: "because"}))
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
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.do(w.policy.unsent(ts(2), &Fault{Class: Temporary, Err: fmt.Errorf("send: %w", errStopped)}))
	if m := w.row(ts(2)); m.State != Ready || m.Attempts != 0 || m.Due.After(w.at.Now) {
		t.Errorf("got %s, %d attempts, due %s", m.State, m.Attempts, m.Due)
	}
}

func TestWhatComesWhileALaterOneIsComposedGoesFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(3, Reply))
	composed := w.row(ts(3)).Rev
	w.hear(said(2, Reply))
	if err := w.policy.begin(ts(3), composed, Framing{}, Prompt{})(w.rows, w.at); !errors.Is(err, ErrChanged) {
		t.Errorf("the later message begins with %v, want %v", err, ErrChanged)
	}
	w.wantState(ts(3), Ready)
	w.wantNext(ToAgen, StepSend, ts(2))
	w.sent(ts(2))
	w.wantNext(ToAgen, StepSend, ts(3))
	w.begin(ts(3))
}

func TestNotThereCountsLateAndTwice(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.do(w.policy.unsent(ts(2), &Fault{Class: Unsure}))
	for passed := time.Duration(0); w.row(ts(2)).State == Begun; {
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
		w.reads(Timeline{})
		if w.row(ts(2)).State != Begun && passed < 70*time.Second {
			t.Fatalf("believed after %s", passed)
		}
	}
	w.wantState(ts(2), Ready)
	w.wantNext(ToAgen, StepSend, ts(2))
}

func TestFoundIsDone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.do(w.policy.unsent(ts(2), &Fault{Class: Unsure}))
	w.reads(Timeline{Ours: map[string]Sighting{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	m := w.row(ts(2))
	if m.State != Done || m.Receipt != "e2" || m.Status != agen.StatusCompleted || m.Body != nil {
		t.Errorf("got %+v", m)
	}
}

func TestTheTimelineIsTheAuthorityOnStatus(t *testing.T) {
	w := bound(t)
	w.reads(Timeline{Ours: map[string]Sighting{ts(1): {Status: "completed"}}})
	w.row(ts(1)).State = Begun // as if the answer came after the read
	w.do(w.policy.sent(ts(1), Sighting{EventID: "ev", Status: "queued"}, nil))
	if got := w.row(ts(1)).Status; got != agen.StatusCompleted {
		t.Errorf("the answer to the send set %s over what was read", got)
	}
}

func TestAConflictThatIsNotThereIsARefusal(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.begin(ts(2))
	w.do(w.policy.unsent(ts(2), &Fault{Class: Conflict}))
	for range 2 {
		w.pass(missAfter)
		w.reads(Timeline{})
	}
	w.wantState(ts(2), Dead)
}

func TestWithoutTheEchoAPersonDecides(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, Mention))
	w.do(w.policy.opened(ts(1), "s1"))
	w.begin(ts(1))
	w.do(w.policy.unsent(ts(1), &Fault{Class: Unsure}))
	for range 2 {
		w.pass(missAfter)
		w.reads(Timeline{Unmarked: true})
	}
	w.wantState(ts(1), Held)
	w.press(w.rows.Thread.Failure, Retry)
	w.wantState(ts(1), Ready)
}

func TestASessionIsGoneOnlyWhenBothCallsSayItForAMinute(t *testing.T) {
	missing := &Fault{Class: Missing}
	fresh := func(t *testing.T) *world {
		w := bound(t)
		w.hear(said(2, Reply))
		w.begin(ts(2))
		w.do(w.policy.unsent(ts(2), missing))
		w.wantNext(ToAgen, StepRead, "")
		return w
	}
	t.Run("gone", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.unread(missing))
		w.pass(time.Minute)
		w.wantNext(ToAgen, StepSend, ts(2))
		w.begin(ts(2))
		w.do(w.policy.unsent(ts(2), missing))
		w.wantState(ts(2), Ready)
		w.do(w.policy.unread(missing))
		w.wantState(ts(2), Held)
		if !w.rows.Thread.Session.Gone {
			t.Error("the session is not gone")
		}
	})
	t.Run("a gateway in mid-deploy", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.unread(missing))
		w.pass(30 * time.Second)
		w.reads(Timeline{})
		w.pass(10 * time.Second)
		w.wantNext(ToAgen, StepSend, ts(2)) // long before the minute is over
		w.begin(ts(2))
		w.do(w.policy.unsent(ts(2), missing))
		w.do(w.policy.unread(missing))
		w.wantState(ts(2), Ready)
	})
	t.Run("only the read", func(t *testing.T) {
		w := bound(t)
		for range 200 {
			w.do(w.policy.unread(missing))
			w.pass(time.Minute)
		}
		if w.rows.Thread.Session.Gone {
			t.Error("gone without a send that says so")
		}
	})
	t.Run("an unsure message", func(t *testing.T) {
		w := bound(t)
		w.hear(said(2, Reply))
		w.begin(ts(2))
		w.do(w.policy.unsent(ts(2), &Fault{Class: Unsure}))
		w.do(w.policy.unread(missing))
		w.pass(4 * time.Minute)
		w.do(w.policy.unread(missing))
		w.wantState(ts(2), Begun)
		w.pass(time.Minute)
		w.do(w.policy.unread(missing))
		w.wantState(ts(2), Held)
	})
}

func TestMaxAgeEndsVisibly(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.do(w.policy.vetted(ts(2), nil))
	w.pass(72 * time.Hour)
	w.begin(ts(2))
	w.do(w.policy.unsent(ts(2), &Fault{Class: Temporary}))
	w.wantState(ts(2), Dead)
	if got := w.row(ts(2)).Wish.Want; got != "warning" {
		t.Errorf("it shows %q", got)
	}
	if w.rows.Posts[w.rows.Thread.Failure] == nil {
		t.Error("no note says why")
	}
}

func TestADeadMessageHoldsNobodyUp(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.hear(said(3, Reply))
	w.begin(ts(2))
	w.wantNext(ToAgen, StepLookUp, ts(2)) // never the next message
	w.do(w.policy.unsent(ts(2), &Fault{Class: Rejected, Reason: "no"}))
	w.wantNext(ToAgen, StepSend, ts(3))
}

func TestAMessageThatChangedIsNotBegun(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	rev := w.row(ts(2)).Rev
	edit := said(2, Reply)
	edit.Edited, edit.Digest = ts(8), 80
	w.hear(edit)
	if err := w.policy.begin(ts(2), rev, Framing{}, Prompt{})(w.rows, w.at); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
}

func TestAReplyWhoseSessionNeverOpenedFailsWithIt(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, Mention))
	w.hear(said(2, Reply))
	w.do(w.policy.unsent(ts(1), &Fault{Class: Rejected, Reason: "branch mian not found"}))
	w.do(w.policy.orphan(ts(2)))
	note := w.onlyPost()
	w.press(note.Key, Retry)
	w.wantNext(ToAgen, StepSend, ts(1))
	w.wantState(ts(2), Ready)
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
	w.reads(Timeline{Print: 1})
	w.pass(721 * time.Hour)
	w.reads(Timeline{Print: 1})
	if got := w.row(ts(1)); got.Wish.Want != "" || got.End != EndAbandoned {
		t.Errorf("the message shows %q, %s", got.Wish.Want, got.End)
	}
	w.onlyPost()
	if _, due := w.rows.Due(ToAgen); due {
		t.Error("the timeline is still read")
	}
	w.hear(said(2, Reply))
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
		w.hear(said(2+i, Reply))
		w.sent(ts(2 + i))
	}
	t.Error("in four seconds it was not read once")
}

// TestSlackWantsToBeLeftAlone: nothing that asks it is tried meanwhile, and
// what does not goes on.
func TestSlackWantsToBeLeftAlone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.hear(said(3, Reply))
	w.pass(2 * time.Second)
	limit := &Fault{Class: RateLimited, Wait: time.Minute}
	w.do(w.policy.unready(ts(3), false, limit))
	w.wantNext(ToAgen, StepRead, "")
	w.pass(time.Minute)
	w.wantNext(ToAgen, StepSend, ts(2))
}

func TestWhatWaitsInARestoredStoreIsLookedUpFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(2, Reply))
	w.hear(said(3, Reply))
	w.at.Restored = w.at.Now
	if !w.row(ts(2)).unproven(w.at) {
		t.Fatal("it would be sent at once")
	}
	w.pass(5 * time.Minute)
	w.do(w.policy.proveMessages())
	if got, want := w.row(ts(2)).BegunAt, w.at.Restored; !got.Equal(want) {
		t.Errorf("it was begun at %v, want %v, before the copy was put back", got, want)
	}
	w.reads(Timeline{Ours: map[string]Sighting{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), Done)
	w.wantState(ts(3), Begun)
	for range 2 {
		w.pass(time.Minute)
		w.reads(Timeline{})
	}
	w.wantNext(ToAgen, StepSend, ts(3))
	if w.row(ts(3)).unproven(w.at) {
		t.Error("it is looked up for ever")
	}
	w.pass(time.Minute)
	w.hear(said(4, Reply))
	if !w.row(ts(4)).unproven(w.at) {
		t.Error("what was written before and came afterwards would be sent at once")
	}
	fresh := said(5, Reply)
	fresh.TS = tsAt(w.at.Now)
	w.hear(fresh)
	if w.row(fresh.TS).unproven(w.at) {
		t.Error("what was written afterwards is not believed")
	}
	w.at.Restored = w.at.Now.Add(-time.Second)
	if !w.row(ts(3)).unproven(w.at) {
		t.Error("when the store is restored again it would be sent at once")
	}
}

// TestReactionsOfASessionThatIsGoneAreReviewed: after a restoration a read does
// that; where none will, the end of the session does.
func TestReactionsOfASessionThatIsGoneAreReviewed(t *testing.T) {
	for _, restored := range []bool{false, true} {
		w := bound(t)
		w.reads(Timeline{Ours: map[string]Sighting{ts(1): {EventID: "e1", ClientID: ts(1), Status: "completed"}}})
		if restored {
			w.at.Restored = w.at.Now
		}
		w.do(func(r *Rows, at Moment) error { w.policy.gone(r, at); return nil })
		if got := w.row(ts(1)).Wish.Blind; got != restored {
			t.Errorf("restored %t: the reaction is read anew: %t", restored, got)
		}
	}
}

// TestSlackThatWantsRestIsLeftAlone: the message waits, also the look at who
// wrote the one behind it; Agen is read all the same.
func TestSlackThatWantsRestIsLeftAlone(t *testing.T) {
	for _, class := range []Class{RateLimited, Unauthorized} {
		w := bound(t)
		w.hear(said(2, Reply))
		w.hear(said(3, Reply))
		w.do(w.policy.unready(ts(3), false, &Fault{Class: class, Wait: 30 * time.Second}))
		w.pass(29 * time.Second)
		w.wantNext(ToAgen, StepRead, "")
		w.reads(Timeline{})
		w.wantNext(ToAgen, "", "")
		w.pass(2 * time.Minute)
		w.wantNext(ToAgen, StepSend, ts(2))
	}
}
