package agentest_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/agen/agentest/contract"
)

func TestProbabilityIsRepeatable(t *testing.T) {
	run := func(seed uint64) (failed []int) {
		srv := agentest.NewStarted(t, agentest.Config{Seed: seed})
		srv.AddFault(agentest.Fault{Status: 500, Probability: 0.5, Times: -1})
		c := client(t, srv, agentest.DefaultKey)
		for i := range 40 {
			if _, err := c.ListSessions(t.Context()); err != nil {
				failed = append(failed, i)
			}
		}
		return failed
	}
	first, again, other := run(1), run(1), run(2)
	if !slices.Equal(first, again) || slices.Equal(first, other) || len(first) < 5 || len(first) > 35 {
		t.Errorf("got %v, %v and, with another seed, %v", first, again, other)
	}
}

func TestWorkspaces(t *testing.T) {
	srv := agentest.NewStarted(t, agentest.Config{
		Wrap: contract.Check(t), Keys: map[string]string{"key-a": "ws_a", "key-b": "ws_b"},
	})
	a, b, wrong := client(t, srv, "key-a"), client(t, srv, "key-b"), client(t, srv, "key-c")
	session, err := a.CreateSession(t.Context(), agen.SessionOptions{})
	if err != nil || session.WorkspaceID != "ws_a" {
		t.Fatalf("got %+v, %v; want a session in ws_a", session, err)
	}
	if _, err := b.SendMessage(t.Context(), session.ID, "m", ""); !errors.Is(err, agen.ClassNotFound) {
		t.Errorf("got %v with another workspace's key, want not found", err)
	}
	if page, err := b.ListSessions(t.Context()); err != nil || len(page) != 0 {
		t.Errorf("got %+v, %v; want none", page, err)
	}
	if _, err := wrong.ListSessions(t.Context()); !errors.Is(err, agen.ClassUnauthorized) {
		t.Errorf("got %v with an unknown key, want unauthorized", err)
	}
}

func TestHookSeesEveryStage(t *testing.T) {
	var stages []agentest.Stage
	var applied []int
	srv := agentest.NewStarted(t, agentest.Config{Agent: agentest.Agent{Manual: true}})
	id := srv.AddSession("", agen.Session{}).ID
	srv.OnRequest(func(m agentest.Progress) {
		stages = append(stages, m.Stage)
		applied = append(applied, len(srv.Messages(id)))
	})
	if _, err := client(t, srv, agentest.DefaultKey).SendMessage(t.Context(), id, "m", ""); err != nil {
		t.Fatal(err)
	}
	must(t, srv.Wait(t.Context(), func() bool { return srv.Requests()[0].Outcome != agentest.OutcomeOpen }))
	must(t, srv.Close()) // the hook has returned
	if !slices.Equal(stages, []agentest.Stage{agentest.StageReceived, agentest.StageApplied, agentest.StageEnded}) || !slices.Equal(applied, []int{0, 1, 1}) {
		t.Errorf("got stages %q with %v messages", stages, applied)
	}
}

func TestUndocumentedAnswersAreExempt(t *testing.T) {
	srv := agentest.NewStarted(t, agentest.Config{Wrap: contract.Check(t), ETags: true})
	id := srv.AddSession("", agen.Session{}).ID
	for _, e := range []agen.Event{
		{Type: "agent_dreams", Payload: []byte(`{}`)},
		{Type: agen.EventAgentMessage, Status: "paused"},
		{Type: agen.EventAgentMessage, Payload: []byte(`"text"`)},
	} {
		_, err := srv.AddEvent(id, e)
		must(t, err)
	}
	c := client(t, srv, agentest.DefaultKey)
	etag, err := c.Timeline(t.Context(), id, "", func(*agen.RawEvent) error { return nil })
	must(t, err)
	if _, err := c.Timeline(t.Context(), id, etag, nil); !errors.Is(err, agen.ErrNotModified) {
		t.Errorf("got %v, want not modified", err)
	}
	must(t, srv.UpdateEvent(id, srv.Timeline(id)[0].ID, func(e *agen.Event) { e.Type = agen.EventSystemMessage }))
	if _, err := c.Timeline(t.Context(), id, etag, func(*agen.RawEvent) error { return nil }); err != nil {
		t.Errorf("got %v after a change, want none", err)
	}
}

func TestRecordOfRequestsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := serveInMemory(t, agentest.Config{KeepRequests: 3})
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
