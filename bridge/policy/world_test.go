package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// world is a thread and a clock to apply decisions to.
type world struct {
	t      *testing.T
	rows   *bridge.ThreadState
	at     bridge.Instant
	policy *Policy
}

// The times of package outcome: when "not found" counts, how many times it must occur,
// and how long a timeline may be unreadable.
const (
	missAfter     = time.Minute + outcome.BeginTime
	missGap       = 10 * time.Second
	missesNeeded  = 2
	unreadableFor = 5 * time.Minute
)

var epoch = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, rows: bridge.NewThreadState("T1/C1/100.000001"), at: bridge.Instant{Now: epoch, Opening: 1},
		policy: &Policy{Rules: outcome.Rules{Projector: project.Projector{Reactions: bridge.DefaultReactions()}, Jitter: func() float64 { return 0.5 }}},
	}
}

// do applies a decision and keeps the part of the state that a store keeps.
func (w *world) do(d bridge.Decision) {
	w.t.Helper()
	if err := d(w.rows, w.at); err != nil {
		w.t.Fatalf("decision: %v", err)
	}
}

func (w *world) pass(d time.Duration) { w.at.Now = w.at.Now.Add(d) }

// ts returns the n-th timestamp of the thread.
func ts(n int) string { return fmt.Sprintf("1700000100.%06d", n) }

func said(n int, kind bridge.Kind) bridge.Message {
	return bridge.Message{Thread: "T1/C1/100.000001", TS: ts(n), Author: "U1", Kind: kind, Digest: uint64(n), Body: json.RawMessage(`{}`)}
}

func (w *world) hear(m bridge.Message) bridge.Result {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptMessage(m, nil, &v))
	return v
}

// reads applies the result of a read of the session's timeline.
func (w *world) reads(found timeline.Read) {
	w.t.Helper()
	found.Session = w.rows.Thread.Session.ID
	w.do(w.policy.Read(found))
}

func (w *world) forget(n int) bridge.Result {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptDeletion(bridge.Deletion{TS: ts(n)}, &v))
	return v
}

func (w *world) press(post, action string) bridge.Result {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Post: post, Action: action, By: "U2"}, &v))
	return v
}

// bound is a thread whose first message was delivered to its session.
func bound(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.hear(said(1, bridge.KindMention))
	w.do(w.policy.Opened(ts(1), "s1"))
	// There is no card, as if Slack had refused it.
	w.rows.Posts["card:1"].State = bridge.StateDead
	w.sent(ts(1))
	return w
}

func (w *world) begin(id string) {
	w.t.Helper()
	w.do(w.policy.Begin(id, w.row(id).Rev, bridge.PromptContext{}, bridge.Prompt{}))
}

func (w *world) sent(id string) {
	w.t.Helper()
	w.begin(id)
	w.do(w.policy.Sent(id, timeline.Entry{EventID: "ev-" + id, ClientID: id, Status: "queued"}))
}

func (w *world) row(id string) *bridge.MessageRecord {
	w.t.Helper()
	m := w.rows.Messages[id]
	if m == nil {
		w.t.Fatalf("no row %s", id)
	}
	return m
}

func (w *world) wantState(id string, want bridge.DeliveryState) {
	w.t.Helper()
	if got := w.row(id).State; got != want {
		w.t.Errorf("state of %s: got %s, want %s", id, got, want)
	}
}

// wantNext checks the kind and the record of the lane's next step. An empty kind means
// that no step is due.
func (w *world) wantNext(remote bridge.Remote, kind bridge.StepKind, row string) {
	w.t.Helper()
	s, _ := schedule.Next(w.rows, remote, w.at.Now)
	if s.Kind != kind || row != "" && s.ID != row {
		w.t.Errorf("next step to %s: got %s %s, want %s %s", remote, s.Kind, s.ID, kind, row)
	}
}

// notes are the posts except the card.
func (w *world) notes() []*bridge.PostRecord {
	var notes []*bridge.PostRecord
	for _, p := range record.PostsInOrder(w.rows) {
		if !strings.HasPrefix(p.Key, bridge.CardKey) {
			notes = append(notes, p)
		}
	}
	return notes
}

// onlyPost returns the only note.
func (w *world) onlyPost() *bridge.PostRecord {
	w.t.Helper()
	notes := w.notes()
	if len(notes) != 1 {
		w.t.Fatalf("notes: got %d, want 1", len(notes))
	}
	return notes[0]
}

// show makes all calls that the reaction of a message needs.
func (w *world) show(id string) []string {
	w.t.Helper()
	var calls []string
	for range 20 {
		s, ok := schedule.ReactionStep(&w.row(id).Reaction, id)
		if !ok || s.Due.After(w.at.Now) {
			return calls
		}
		calls = append(calls, string(s.Kind)+" "+s.Emoji)
		w.do(w.policy.ReactionChanged(s, false))
	}
	w.t.Fatalf("the wish of %s never comes true", id)
	return nil
}
