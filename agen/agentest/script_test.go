package agentest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
)

func TestAScriptedAgentTakesItsSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns []agentest.Turn
		script := func(turn agentest.Turn) []agentest.Step {
			turns = append(turns, turn)
			if turn.Asked {
				return nil
			}
			return []agentest.Step{
				{After: time.Minute, Event: agentest.FileEdit("a.go")},
				{After: time.Minute},
				{After: time.Minute, Event: agentest.Ask("which?", "x", "y")},
			}
		}
		srv, c := bubble(t, agentest.Config{Wrap: contract.Check(t), Agent: agentest.Agent{Script: script}})
		id := srv.AddSession("", agen.Session{}).ID
		send := func(message string) agen.Event {
			e, err := c.SendMessage(t.Context(), id, message, "")
			must(t, err)
			return e
		}
		send("do")
		if got := send("later").Status; got != agen.StatusQueued {
			t.Errorf("got %q for a message to a busy agent, want queued", got)
		}
		time.Sleep(90 * time.Second)
		wantTexts(t, "after the first step", srv.Timeline(id), "do=processing", "later=queued", "=completed")
		time.Sleep(95 * time.Second)
		wantTexts(t, "after the question was answered by what waited", srv.Timeline(id),
			"do=completed", "later=completed", "=completed", "=completed")
		want := []agentest.Turn{{Session: id, Message: "do", N: 1}, {Session: id, Message: "later", N: 2, Asked: true}}
		if !slices.Equal(turns, want) {
			t.Errorf("got turns %+v, want %+v", turns, want)
		}
	})
}

func TestAScriptedAgentStopsAtACanceledMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := bubble(t, agentest.Config{Agent: agentest.Agent{Script: func(agentest.Turn) []agentest.Step {
			return []agentest.Step{{After: time.Minute, Event: agentest.AgentMessage("said")}, {After: time.Minute, Event: agentest.FileEdit("b")}}
		}}})
		id := srv.AddSession("", agen.Session{}).ID
		e, err := c.SendMessage(t.Context(), id, "m", "")
		must(t, err)
		must(t, srv.SetStatus(id, e.ID, agen.StatusCanceled))
		time.Sleep(time.Hour)
		wantTexts(t, "an hour later", srv.Timeline(id), "m=canceled")
		if _, err := c.SendMessage(t.Context(), id, "n", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		wantTexts(t, "the next one", srv.Timeline(id), "m=canceled", "n=completed", "said=completed", "=completed")
	})
}

func TestTheRecordOfRequestsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := bubble(t, agentest.Config{KeepRequests: 3})
		id := srv.AddSession("", agen.Session{}).ID
		for range 10 {
			if _, err := c.SendMessage(t.Context(), id, "m", ""); err != nil {
				t.Fatal(err)
			}
		}
		var got []int
		for _, r := range srv.Requests() {
			got = append(got, r.N)
		}
		if want := []int{8, 9, 10}; !slices.Equal(got, want) {
			t.Errorf("got requests %v, want %v", got, want)
		}
		if got := srv.Count(agentest.CallSend); got != 10 {
			t.Errorf("got a count of %d, want 10", got)
		}
	})
}
