package policy

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

func TestWhatFollowsFromAFailedSend(t *testing.T) {
	for class, want := range map[bridge.FaultClass]struct {
		state    bridge.DeliveryState
		attempts int
		next     bridge.StepKind // two seconds later
	}{
		bridge.ClassTemporary:    {bridge.StateReady, 1, bridge.StepSend},
		bridge.ClassRateLimited:  {bridge.StateReady, 0, ""},
		bridge.ClassUnauthorized: {bridge.StateReady, 0, ""},
		bridge.ClassUnsure:       {bridge.StateInFlight, 0, bridge.StepLookUp},
		bridge.ClassConflict:     {bridge.StateInFlight, 0, bridge.StepLookUp},
		bridge.ClassNotFound:     {bridge.StateReady, 1, bridge.StepRead},
		bridge.ClassRejected:     {bridge.StateDead, 0, bridge.StepRead},
		bridge.ClassForbidden:    {bridge.StateDead, 0, bridge.StepRead},
	} {
		t.Run(string(class), func(t *testing.T) {
			w := bound(t)
			w.hear(said(2, bridge.KindReply))
			w.begin(ts(2))
			w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: class, Reason: "because"}))
			m := w.row(ts(2))
			if m.State != want.state || m.Attempts != want.attempts {
				t.Errorf("got %s after %d attempts, want %s after %d", m.State, m.Attempts, want.state, want.attempts)
			}
			w.pass(2 * time.Second)
			w.wantNext(bridge.ToAgen, want.next, "")
		})
	}
}

func TestAStopIsNotAnAttempt(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassTemporary, Err: fmt.Errorf("send: %w", bridge.ErrStopped)}))
	if m := w.row(ts(2)); m.State != bridge.StateReady || m.Attempts != 0 || m.Due.After(w.at.Now) {
		t.Errorf("got %s, %d attempts, due %s", m.State, m.Attempts, m.Due)
	}
}

func TestWhatComesWhileALaterOneIsComposedGoesFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(3, bridge.KindReply))
	composed := w.row(ts(3)).Rev
	w.hear(said(2, bridge.KindReply))
	if err := w.policy.Begin(ts(3), composed, bridge.PromptContext{}, bridge.Prompt{})(w.rows, w.at); !errors.Is(err, bridge.ErrChanged) {
		t.Errorf("the later message begins with %v, want %v", err, bridge.ErrChanged)
	}
	w.wantState(ts(3), bridge.StateReady)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	w.sent(ts(2))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(3))
	w.begin(ts(3))
}

func TestNotThereCountsLateAndTwice(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
	for passed := time.Duration(0); w.row(ts(2)).State == bridge.StateInFlight; {
		due, ok := schedule.Due(w.rows, bridge.ToAgen)
		if !ok {
			t.Fatal("nothing looks for it")
		}
		step := max(due.Sub(w.at.Now), 0)
		w.pass(step)
		passed += step
		if passed > 2*time.Minute {
			t.Fatal("it is never believed")
		}
		w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2))
		w.reads(timeline.Read{})
		if w.row(ts(2)).State != bridge.StateInFlight && passed < 70*time.Second {
			t.Fatalf("believed after %s", passed)
		}
	}
	w.wantState(ts(2), bridge.StateReady)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

func TestFoundIsDone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	m := w.row(ts(2))
	if m.State != bridge.StateDone || m.Receipt != "e2" || m.Status != agen.StatusCompleted || m.Body != nil {
		t.Errorf("got %+v", m)
	}
}

func TestTheTimelineIsTheAuthorityOnStatus(t *testing.T) {
	w := bound(t)
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(1): {Status: "completed"}}})
	w.row(ts(1)).State = bridge.StateInFlight // as if the response came after the read
	w.do(w.policy.Sent(ts(1), timeline.Entry{EventID: "ev", Status: "queued"}))
	if got := w.row(ts(1)).Status; got != agen.StatusCompleted {
		t.Errorf("the answer to the send set %s over what was read", got)
	}
}

func TestAConflictThatIsNotThereIsARefusal(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassConflict}))
	for range 2 {
		w.pass(missAfter)
		w.reads(timeline.Read{})
	}
	w.wantState(ts(2), bridge.StateDead)
}

func TestWithoutTheEchoAPersonDecides(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, bridge.KindMention))
	w.do(w.policy.Opened(ts(1), "s1"))
	w.begin(ts(1))
	w.do(w.policy.SendFailed(ts(1), &bridge.Fault{Class: bridge.ClassUnsure}))
	for range 2 {
		w.pass(missAfter)
		w.reads(timeline.Read{Unmarked: true})
	}
	w.wantState(ts(1), bridge.StateHeld)
	w.press(w.rows.Thread.FailureNote, bridge.ActionRetry)
	w.wantState(ts(1), bridge.StateReady)
}

func TestASessionIsGoneOnlyWhenBothCallsSayItForAMinute(t *testing.T) {
	missing := &bridge.Fault{Class: bridge.ClassNotFound}
	fresh := func(t *testing.T) *world {
		w := bound(t)
		w.hear(said(2, bridge.KindReply))
		w.begin(ts(2))
		w.do(w.policy.SendFailed(ts(2), missing))
		w.wantNext(bridge.ToAgen, bridge.StepRead, "")
		return w
	}
	t.Run("gone", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.ReadFailed(missing))
		w.pass(time.Minute)
		w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
		w.begin(ts(2))
		w.do(w.policy.SendFailed(ts(2), missing))
		w.wantState(ts(2), bridge.StateReady)
		w.do(w.policy.ReadFailed(missing))
		w.wantState(ts(2), bridge.StateHeld)
		if !w.rows.Thread.Session.Closed {
			t.Error("the session is not gone")
		}
	})
	t.Run("a gateway in mid-deploy", func(t *testing.T) {
		w := fresh(t)
		w.do(w.policy.ReadFailed(missing))
		w.pass(30 * time.Second)
		w.reads(timeline.Read{})
		w.pass(10 * time.Second)
		w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2)) // long before the minute has passed
		w.begin(ts(2))
		w.do(w.policy.SendFailed(ts(2), missing))
		w.do(w.policy.ReadFailed(missing))
		w.wantState(ts(2), bridge.StateReady)
	})
	t.Run("only the read", func(t *testing.T) {
		w := bound(t)
		for range 200 {
			w.do(w.policy.ReadFailed(missing))
			w.pass(time.Minute)
		}
		if w.rows.Thread.Session.Closed {
			t.Error("gone without a send that says so")
		}
	})
	t.Run("an unsure message", func(t *testing.T) {
		w := bound(t)
		w.hear(said(2, bridge.KindReply))
		w.begin(ts(2))
		w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassUnsure}))
		w.do(w.policy.ReadFailed(missing))
		w.pass(4 * time.Minute)
		w.do(w.policy.ReadFailed(missing))
		w.wantState(ts(2), bridge.StateInFlight)
		w.pass(time.Minute)
		w.do(w.policy.ReadFailed(missing))
		w.wantState(ts(2), bridge.StateHeld)
	})
}

func TestMaxAgeEndsVisibly(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.Authorized(ts(2), nil))
	w.pass(72 * time.Hour)
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassTemporary}))
	w.wantState(ts(2), bridge.StateDead)
	if got := w.row(ts(2)).Reaction.Desired; got != "warning" {
		t.Errorf("it shows %q", got)
	}
	if w.rows.Posts[w.rows.Thread.FailureNote] == nil {
		t.Error("no note says why")
	}
}

func TestADeadMessageHoldsNobodyUp(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.hear(said(3, bridge.KindReply))
	w.begin(ts(2))
	w.wantNext(bridge.ToAgen, bridge.StepLookUp, ts(2)) // never the next message
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassRejected, Reason: "no"}))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(3))
}

func TestAMessageThatChangedIsNotBegun(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	rev := w.row(ts(2)).Rev
	edit := said(2, bridge.KindReply)
	edit.Edited, edit.Digest = ts(8), 80
	w.hear(edit)
	if err := w.policy.Begin(ts(2), rev, bridge.PromptContext{}, bridge.Prompt{})(w.rows, w.at); !errors.Is(err, bridge.ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
}

func TestAReplyWhoseSessionNeverOpenedFailsWithIt(t *testing.T) {
	w := newWorld(t)
	w.hear(said(1, bridge.KindMention))
	w.hear(said(2, bridge.KindReply))
	w.do(w.policy.SendFailed(ts(1), &bridge.Fault{Class: bridge.ClassRejected, Reason: "branch mian not found"}))
	w.do(w.policy.NoSession(ts(2)))
	note := w.onlyPost()
	w.press(note.Key, bridge.ActionRetry)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(1))
	w.wantState(ts(2), bridge.StateReady)
}

func TestFollowingEndsAfterWatchMax(t *testing.T) {
	w := bound(t)
	w.reads(timeline.Read{Fingerprint: 1})
	w.pass(721 * time.Hour)
	w.reads(timeline.Read{Fingerprint: 1})
	if got := w.row(ts(1)); got.Reaction.Desired != "" || got.End != bridge.EndAbandoned {
		t.Errorf("the message shows %q, %s", got.Reaction.Desired, got.End)
	}
	w.onlyPost()
	if _, due := schedule.Due(w.rows, bridge.ToAgen); due {
		t.Error("the timeline is still read")
	}
	w.hear(said(2, bridge.KindReply))
	w.sent(ts(2))
	w.pass(time.Second)
	w.wantNext(bridge.ToAgen, bridge.StepRead, "")
}

func TestAThreadThatNeverFallsSilentIsReadAllTheSame(t *testing.T) {
	w := bound(t)
	for i := range 10 {
		w.pass(400 * time.Millisecond)
		if s, ok := schedule.Next(w.rows, bridge.ToAgen, w.at.Now); ok && s.Kind == bridge.StepRead {
			return
		}
		w.hear(said(2+i, bridge.KindReply))
		w.sent(ts(2 + i))
	}
	t.Error("in four seconds it was not read once")
}

// TestSlackWantsToBeLeftAlone: calls to Slack are postponed, and steps that need none
// continue.
func TestSlackWantsToBeLeftAlone(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.hear(said(3, bridge.KindReply))
	w.pass(2 * time.Second)
	limit := &bridge.Fault{Class: bridge.ClassRateLimited, Wait: time.Minute}
	w.do(w.policy.ComposeFailed(ts(3), false, limit))
	w.wantNext(bridge.ToAgen, bridge.StepRead, "")
	w.pass(time.Minute)
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

func TestWhatWaitsInARestoredStoreIsLookedUpFirst(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.hear(said(3, bridge.KindReply))
	w.at.Restored = w.at.Now
	if !record.MayBeSentElsewhere(w.row(ts(2)), w.at) {
		t.Fatal("it would be sent at once")
	}
	w.pass(5 * time.Minute)
	w.do(w.policy.LookUpMessages())
	if got, want := w.row(ts(2)).InFlightSince, w.at.Restored; !got.Equal(want) {
		t.Errorf("it was begun at %v, want %v, before the copy was put back", got, want)
	}
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(2): {EventID: "e2", ClientID: ts(2), Status: "completed"}}})
	w.wantState(ts(2), bridge.StateDone)
	w.wantState(ts(3), bridge.StateInFlight)
	for range 2 {
		w.pass(time.Minute)
		w.reads(timeline.Read{})
	}
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(3))
	if record.MayBeSentElsewhere(w.row(ts(3)), w.at) {
		t.Error("it is looked up for ever")
	}
	w.pass(time.Minute)
	w.hear(said(4, bridge.KindReply))
	if !record.MayBeSentElsewhere(w.row(ts(4)), w.at) {
		t.Error("what was written before and came afterwards would be sent at once")
	}
	fresh := said(5, bridge.KindReply)
	fresh.TS = bridge.FormatTS(w.at.Now)
	w.hear(fresh)
	if record.MayBeSentElsewhere(w.row(fresh.TS), w.at) {
		t.Error("what was written afterwards is not believed")
	}
	w.at.Restored = w.at.Now.Add(-time.Second)
	if !record.MayBeSentElsewhere(w.row(ts(3)), w.at) {
		t.Error("when the store is restored again it would be sent at once")
	}
}

// TestReactionsOfASessionThatIsGoneAreReviewed: after a restore, the next read does it.
// If there will be no read, the end of the session does it.
func TestReactionsOfASessionThatIsGoneAreReviewed(t *testing.T) {
	for _, restored := range []bool{false, true} {
		w := bound(t)
		w.reads(timeline.Read{Ours: map[string]timeline.Entry{ts(1): {EventID: "e1", ClientID: ts(1), Status: "completed"}}})
		if restored {
			w.at.Restored = w.at.Now
		}
		w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
			w.policy.CloseSession(state, at)
			return nil
		})
		if got := w.row(ts(1)).Reaction.Unknown; got != restored {
			t.Errorf("restored %t: the reaction is read anew: %t", restored, got)
		}
	}
}

// TestSlackThatWantsRestIsLeftAlone: the message waits, and so does the authorization of
// the next one. Agen is still read.
func TestSlackThatWantsRestIsLeftAlone(t *testing.T) {
	for _, class := range []bridge.FaultClass{bridge.ClassRateLimited, bridge.ClassUnauthorized} {
		w := bound(t)
		w.hear(said(2, bridge.KindReply))
		w.hear(said(3, bridge.KindReply))
		w.do(w.policy.ComposeFailed(ts(3), false, &bridge.Fault{Class: class, Wait: 30 * time.Second}))
		w.pass(29 * time.Second)
		w.wantNext(bridge.ToAgen, bridge.StepRead, "")
		w.reads(timeline.Read{})
		w.wantNext(bridge.ToAgen, "", "")
		w.pass(2 * time.Minute)
		w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
	}
}
