package policy

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/google/go-cmp/cmp"
)

// formerPost adds a post in the form in which the previous release stored it: as text
// with buttons.
func (w *world) formerPost(stored string) *bridge.PostRecord {
	w.t.Helper()
	post := new(bridge.PostRecord)
	if err := json.Unmarshal([]byte(stored), post); err != nil {
		w.t.Fatal(err)
	}
	w.rows.Posts[post.Key] = post
	return post
}

const formerQuestion = `{"key":"ask:9:0","text":"🙋 <@U1>, the agent asks:\n*Which?*\nOr reply in your own words.","ask":true,
	"buttons":[{"action":"choose:0","label":"a","answer":"A"},{"action":"choose:1","label":"b","answer":"B"}],
	"state":"done","accepted":"2026-11-02T09:00:00Z","due":"2026-11-02T09:00:00Z","receipt":"1700000100.000003",
	"settled":"2026-11-02T09:00:00Z","rev":2,"edition":1,"shown":1,"open":true}`

const formerFailure = `{"key":"failed:1700000100.000002:a","text":"⚠️ <@U1>, your message did not reach the agent.",
	"buttons":[{"action":"retry","label":"Try again","primary":true},{"action":"leave","label":"Leave it"}],
	"state":"done","accepted":"2026-11-02T09:00:00Z","due":"2026-11-02T09:00:00Z","receipt":"1700000100.000003",
	"settled":"2026-11-02T09:00:00Z","rev":2,"edition":1,"shown":1,"about":["1700000100.000002"]}`

func TestAQuestionOfTheFormerReleaseIsAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w *world, post *bridge.PostRecord)
		want   bridge.NoteOutcome
	}{
		"by a click": {
			func(w *world, post *bridge.PostRecord) { w.choose(post.Key, "U2", "choose:1", ts(5)) },
			bridge.NoteOutcome{How: bridge.EndingAnswered, By: "U2", At: record.UnixTime(epoch), Answer: "B"},
		},
		"in own words": {
			func(w *world, _ *bridge.PostRecord) { w.hear(said(5, bridge.KindReply)); w.begin(ts(5)) },
			bridge.NoteOutcome{How: bridge.EndingAnswered, By: "U1", At: record.UnixTime(epoch)},
		},
		"by nobody": {
			func(w *world, _ *bridge.PostRecord) { w.policy.StartOver(w.rows, w.at) },
			bridge.NoteOutcome{How: bridge.EndingMoved},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			post := w.formerPost(formerQuestion)
			text := post.Text
			if post.Resting() {
				t.Fatal("it rests before it is answered")
			}
			c.answer(w, post)
			want := &bridge.Note{Kind: bridge.NoteQuestion, Text: text, Outcome: &c.want}
			if diff := cmp.Diff(want, post.Note); diff != "" || len(post.Actions()) > 0 || len(post.Buttons) > 0 || post.Text != "" {
				t.Errorf("%s, with %q and the buttons %v", diff, post.Text, post.Buttons)
			}
			if post.Edition != 2 || post.Open {
				t.Errorf("edition %d, open %t: Slack is not told", post.Edition, post.Open)
			}
			if m := w.rows.Messages[ts(5)]; c.want.Answer != "" && (m == nil || m.Choice != c.want.Answer) {
				t.Errorf("the agent gets %+v", m)
			}
			w.do(w.policy.Updated(post.Key, post.Edition, w.at.Now, false))
			if !post.Resting() {
				t.Error("it does not rest after that")
			}
		})
	}
}

// failedBefore is a thread with a failure note of the previous release.
func failedBefore(t *testing.T) (*world, *bridge.PostRecord) {
	t.Helper()
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassRejected, Reason: "no"}))
	delete(w.rows.Posts, w.rows.Thread.FailureNote)
	post := w.formerPost(formerFailure)
	w.rows.Thread.FailureNote, w.row(ts(2)).NoteKey = post.Key, post.Key
	return w, post
}

func TestAFailureNoteOfTheFormerReleaseIsClosed(t *testing.T) {
	for action, want := range map[string]bridge.NoteOutcome{
		bridge.ActionRetry:   {How: bridge.EndingRetried, By: "U2", At: record.UnixTime(epoch), Count: 1},
		bridge.ActionDismiss: {How: bridge.EndingDismissed, By: "U2", At: record.UnixTime(epoch)},
	} {
		w, post := failedBefore(t)
		if v := w.press(post.Key, action); !v.New {
			t.Errorf("%s: the click is ignored: %s", action, v.Ignored)
		}
		if diff := cmp.Diff(&bridge.Note{Outcome: &want}, post.Note); diff != "" || len(post.Actions()) > 0 || post.Text != "" {
			t.Errorf("%s: %s, with %q and the buttons %v", action, diff, post.Text, post.Buttons)
		}
		if m := w.row(ts(2)); (m.State == bridge.StateReady) != (action == bridge.ActionRetry) {
			t.Errorf("%s: the message is %s", action, m.State)
		}
	}
}

func TestANoteOfTheFormerReleaseBecomesAValue(t *testing.T) {
	w, post := failedBefore(t)
	w.do(w.policy.ShowTimePassed())
	want := &bridge.Note{Kind: bridge.NoteFailed, Messages: []bridge.NoteMessage{{TS: ts(2), Author: "U1"}}, Class: bridge.ClassRejected, Reason: "no", Reference: ts(2)}
	if diff := cmp.Diff(want, post.Note); diff != "" || !slices.Equal(post.Actions(), []string{bridge.ActionRetry, bridge.ActionDismiss}) || post.Text != "" {
		t.Errorf("%s, with %q and the actions %v", diff, post.Text, post.Actions())
	}
}

// Messages that are held under a note of the previous release can still be sent.
func TestAStopOfTheFormerReleaseIsDecidedOn(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	record.HoldMessage(w.row(ts(2)), bridge.HoldStopped)
	w.row(ts(2)).NoteKey = project.StopKey(ts(3))
	post := w.formerPost(`{"key":"stop:1700000100.000003","text":"I can't stop it.\nI'm holding 1 message that was not sent yet.",
		"buttons":[{"action":"send","label":"Send it","primary":true},{"action":"skip","label":"Drop it"}],
		"state":"done","accepted":"2026-11-02T09:00:00Z","due":"2026-11-02T09:00:00Z","receipt":"1700000100.000004",
		"settled":"2026-11-02T09:00:00Z","rev":2,"edition":1,"shown":1,"about":["1700000100.000002"]}`)
	w.do(w.policy.ShowTimePassed())
	if post.Edition != 1 || post.Note != nil {
		t.Errorf("nothing happened, and it is changed: %+v", post.Note)
	}
	w.press(post.Key, bridge.ActionSend)
	want := &bridge.Note{Outcome: &bridge.NoteOutcome{How: bridge.EndingSent, By: "U2", At: record.UnixTime(w.at.Now), Count: 1}}
	if diff := cmp.Diff(want, post.Note); diff != "" || w.row(ts(2)).State != bridge.StateReady {
		t.Errorf("%s, and the message is %s", diff, w.row(ts(2)).State)
	}
}

// The previous release stored the agent's activity as text.
func TestACardOfTheFormerReleaseIsRead(t *testing.T) {
	var s bridge.Session
	if err := json.Unmarshal([]byte("{\"id\":\"s1\",\"card\":{\"asker\":\"U1\",\"doing\":\"Editing `a.go`\",\"branch\":\"fix\"}}"), &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bridge.Card{Asker: "U1", Branch: "fix"}, s.Card); diff != "" {
		t.Error(diff)
	}
}

// A note must be equal after a round trip through the store. Otherwise each decision
// would update each post.
func TestANoteComesBackFromTheStoreAsItWas(t *testing.T) {
	w, post := outage(t, 2)
	question := asked(t, `{"question":"Which?","options":["a","b"]}`).onlyPost()
	for _, before := range []*bridge.PostRecord{post, question} {
		stored, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		after := new(bridge.PostRecord)
		if err := json.Unmarshal(stored, after); err != nil {
			t.Fatal(err)
		}
		if !project.SaysTheSame(&before.Post, after.Post) {
			t.Error(cmp.Diff(before.Note, after.Note))
		}
		*before = *after
	}
	edition := post.Edition
	w.do(w.policy.ShowTimePassed())
	if post.Edition != edition {
		t.Errorf("it is changed though nothing happened: %+v", post.Note)
	}
}
