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

func TestScriptedAgentRunsItsSteps(t *testing.T) {
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
		srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t), Agent: agentest.Agent{Script: script}})
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

func TestScriptedAgentStopsAtACanceledMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Agent: agentest.Agent{Script: func(agentest.Turn) []agentest.Step {
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

func TestAgentProcessesMessagesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{
			Wrap: contract.Check(t), Agent: agentest.Agent{Pause: time.Minute, Work: time.Hour},
		})
		session, err := c.CreateSession(t.Context(), agen.SessionOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range []string{"one", "two"} {
			e, err := c.SendMessage(t.Context(), session.ID, message, "id-"+message)
			if err != nil || e.Status != agen.StatusQueued || e.ClientID != "id-"+message {
				t.Fatalf("got %+v, %v; want it queued, with its client id", e, err)
			}
		}
		time.Sleep(time.Minute + time.Second)
		wantTexts(t, "after a minute", srv.Timeline(session.ID), "one=processing", "two=queued")
		time.Sleep(time.Hour)
		wantTexts(t, "after an hour", srv.Messages(session.ID), "one=completed", "two=queued")
		time.Sleep(2 * time.Hour)
		wantTexts(t, "at the end", srv.Timeline(session.ID),
			"one=completed", "two=completed", "Done: one=completed", "Done: two=completed")
	})
}

func TestBusySessionQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{Wrap: contract.Check(t)})
		id := srv.AddSession("", agen.Session{}).ID
		must(t, srv.SetBusy(id, true))
		if e, err := c.SendMessage(t.Context(), id, "m", ""); err != nil || e.Status != agen.StatusQueued {
			t.Errorf("got %q, %v; want queued", e.Status, err)
		}
		time.Sleep(time.Hour)
		wantTexts(t, "while busy", srv.Timeline(id), "m=queued")
		must(t, srv.SetBusy(id, false))
		time.Sleep(time.Second)
		wantTexts(t, "then", srv.Timeline(id), "m=completed", "Done: m=completed")
	})
}
