package agentest_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
)

// TestFaults sends a message under each fault and checks the client's error and the server's state.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fault   agentest.Fault
		want    error // class
		applied int
		outcome agentest.Outcome
	}{
		{"lose the answer", agentest.LoseAnswer(agentest.CallSend), agen.ClassUnsure, 1, agentest.OutcomeBroken},
		{"break before", agentest.BreakBefore(agentest.CallSend), agen.ClassUnsure, 0, agentest.OutcomeBroken},
		{"twice", agentest.Fault{Call: agentest.CallSend, Apply: agentest.ApplyTwice}, nil, 2, agentest.OutcomeAnswered},
		{"cut after headers", agentest.Fault{Call: agentest.CallSend, Answer: agentest.AnswerHeaders}, agen.ClassUnsure, 1, agentest.OutcomeBroken},
		{"cut in the body", agentest.Fault{Call: agentest.CallSend, Answer: agentest.AnswerHalf}, agen.ClassUnsure, 1, agentest.OutcomeBroken},
		{"cut, not done", agentest.Fault{Call: agentest.CallSend, Answer: agentest.AnswerHalf, Status: 500}, agen.ClassUnsure, 0, agentest.OutcomeBroken},
		{"502 but done", agentest.Fault{Call: agentest.CallSend, Status: 502, Apply: agentest.ApplyOnce}, agen.ClassUnsure, 1, agentest.OutcomeAnswered},
		{"429", agentest.RateLimit(agentest.CallSend, 1500*time.Millisecond), agen.ClassRateLimited, 0, agentest.OutcomeAnswered},
		{"401", agentest.Fail(agentest.CallSend, 401), agen.ClassUnauthorized, 0, agentest.OutcomeAnswered},
		{"403", agentest.Fail(agentest.CallSend, 403), agen.ClassForbidden, 0, agentest.OutcomeAnswered},
		{"404", agentest.Fail(agentest.CallSend, 404), agen.ClassNotFound, 0, agentest.OutcomeAnswered},
		{"409", agentest.Fail(agentest.CallSend, 409), agen.ClassConflict, 0, agentest.OutcomeAnswered},
		{"302", agentest.Fault{Call: agentest.CallSend, Status: 302, Header: http.Header{"Location": {"http://elsewhere.test/"}}}, agen.ClassRejected, 0, agentest.OutcomeAnswered},
		{"delay", agentest.Fault{Call: agentest.CallSend, Delay: 20 * time.Second}, nil, 1, agentest.OutcomeAnswered},
		{"rewrite", agentest.Fault{Call: agentest.CallSend, Rewrite: func([]byte) []byte { return []byte("<html>") }}, agen.ClassUnsure, 1, agentest.OutcomeAnswered},
		{"other call", agentest.LoseAnswer(agentest.CallEvents), nil, 1, agentest.OutcomeAnswered},
		{"other session", agentest.Fault{Session: "x", Status: 500}, nil, 1, agentest.OutcomeAnswered},
		{"skipped", agentest.Fault{Skip: 1, Status: 500}, nil, 1, agentest.OutcomeAnswered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t)})
				id := srv.AddSession("", agen.Session{}).ID
				srv.AddFault(tt.fault)
				_, err := c.SendMessage(t.Context(), id, "m", "c")
				if !errors.Is(err, tt.want) {
					t.Errorf("got error %v, want %v", err, tt.want)
				}
				synctest.Wait()
				if got := len(srv.Messages(id)); got != tt.applied {
					t.Errorf("got %d messages, want %d", got, tt.applied)
				}
				r := srv.Requests()[0]
				if r.Outcome != tt.outcome || len(r.Applied) != tt.applied || r.ClientID != "c" || r.Message != "m" || r.Ended.IsZero() {
					t.Errorf("got request %+v, want it %s with %d applied", r, tt.outcome, tt.applied)
				}
			})
		})
	}
}

func TestLateFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t)})
		id := srv.AddSession("", agen.Session{}).ID
		srv.AddFault(agentest.Late(agentest.CallSend, 50*time.Second))
		onRelease := srv.AddFault(agentest.Late(agentest.CallSend, 0))
		for _, message := range []string{"after 50 s", "on release"} {
			if _, err := c.SendMessage(t.Context(), id, message, ""); !errors.Is(err, agen.ClassUnsure) {
				t.Fatalf("got error %v, want unsure", err)
			}
		}
		time.Sleep(49 * time.Second)
		if got := srv.Messages(id); len(got) != 0 {
			t.Errorf("got %q before its time", texts(got))
		}
		time.Sleep(2 * time.Second)
		wantTexts(t, "after 51 s", srv.Messages(id), "after 50 s=completed")
		onRelease.Release()
		time.Sleep(time.Second)
		wantTexts(t, "after release", srv.Messages(id), "after 50 s=completed", "on release=completed")
		if got := srv.Requests()[1].Applied; len(got) != 1 || onRelease.Hits() != 1 {
			t.Errorf("got applied %q and %d hits, want one each", got, onRelease.Hits())
		}
	})
}

func TestHangFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t)})
		id := srv.AddSession("", agen.Session{}).ID
		rule := srv.AddFault(agentest.Fault{Call: agentest.CallSend, Hang: true, Times: 2})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := c.SendMessage(ctx, id, "impatient", "")
		if !errors.Is(err, agen.ClassUnsure) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want unsure and the deadline", err)
		}
		synctest.Wait()
		if r := srv.Requests()[0]; r.Outcome != agentest.OutcomeGone {
			t.Errorf("got outcome %s, want gone", r.Outcome)
		}
		sent := make(chan error)
		go func() {
			_, err := c.SendMessage(t.Context(), id, "patient", "")
			sent <- err
		}()
		time.Sleep(time.Second)
		rule.Release()
		if err := <-sent; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		wantTexts(t, "at the end", srv.Messages(id), "patient=completed")
	})
}

func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Agent: agentest.Agent{Work: time.Hour}})
		id := srv.AddSession("", agen.Session{}).ID
		if _, err := c.SendMessage(t.Context(), id, "the agent is at it", ""); err != nil {
			t.Fatal(err)
		}
		srv.AddFault(agentest.Late(agentest.CallSend, time.Hour))
		srv.AddFault(agentest.Hang(agentest.CallSend))
		if _, err := c.SendMessage(t.Context(), id, "late", ""); !errors.Is(err, agen.ClassUnsure) {
			t.Errorf("got error %v, want unsure", err)
		}
		sent := make(chan error)
		go func() {
			_, err := c.SendMessage(t.Context(), id, "hanging", "")
			sent <- err
		}()
		waited := make(chan error)
		go func() { waited <- srv.Wait(t.Context(), func() bool { return false }) }()
		synctest.Wait()
		must(t, srv.Close())
		if err := <-sent; !errors.Is(err, agen.ClassUnsure) {
			t.Errorf("got error %v, want unsure", err)
		}
		if err := <-waited; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("got error %v from Wait, want http.ErrServerClosed", err)
		}
		if got := len(srv.Messages(id)); got != 1 {
			t.Errorf("got %d messages, want 1", got)
		}
	})
}

func TestTimelineFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t), Seed: 7, Gzip: true})
		id := srv.AddSession("", agen.Session{}).ID
		var want []string
		for range 20 {
			e, err := srv.AddEvent(id, agentest.AgentMessage("m"))
			must(t, err)
			want = append(want, e.ID)
		}
		read := func() (ids []string, err error) {
			_, err = c.Timeline(t.Context(), id, "", func(e *agen.RawEvent) error {
				ids = append(ids, string(e.ID()))
				return nil
			})
			return ids, err
		}
		srv.AddFault(agentest.Fault{Call: agentest.CallEvents, Reorder: true})
		got, err := read()
		if err != nil || slices.Equal(got, want) || !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("got %q, %v; want the same in another order", got, err)
		}
		srv.AddFault(agentest.Fault{Call: agentest.CallEvents, Answer: agentest.AnswerHalf})
		if _, err := read(); !errors.Is(err, agen.ClassTemporary) {
			t.Errorf("got %v from half a timeline, want retry", err)
		}
		must(t, srv.DeleteSession(id))
		if _, err := read(); !errors.Is(err, agen.ClassNotFound) {
			t.Errorf("got %v from a deleted session, want not found", err)
		}
	})
}
