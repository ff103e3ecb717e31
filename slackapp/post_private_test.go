package slackapp

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

func TestPrivateNoteIsSeenByOnePerson(t *testing.T) {
	for name, c := range map[string]struct {
		reply, inThread bool
	}{
		"below a message without replies": {false, false},
		"in an active thread":             {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				if c.reply {
					w.reply("me too")
				}
				thread := location{w.dev.ID, w.root}.key("T0ACME")
				if _, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", To: w.ann.ID, Text: "psst"}); err != nil {
					t.Fatal(err)
				}
				notes := w.Ephemerals(w.ann.ID)
				if len(notes) != 1 || (notes[0].ThreadTS == w.root) != c.inThread || notes[0].Text != "psst" {
					t.Errorf("notes %+v", notes)
				}
				if _, ok := w.Requests("chat.postEphemeral")[0].Args["metadata"]; ok {
					t.Error("a private note has metadata: nobody can find it by that")
				}
			})
		})
	}
}

// TestPrivateNoteIsPostedWhereSlackDoesNotTellIfItsThreadIsActive: it goes to the channel, where it is seen in any case.
func TestPrivateNoteIsPostedWhereSlackDoesNotTellIfItsThreadIsActive(t *testing.T) {
	for name, fault := range map[string]slacktest.Fault{
		"error":         {Kind: slacktest.ServerError, Method: "conversations.replies", Count: -1},
		"missing scope": {Kind: slacktest.ErrorAnswer, Method: "conversations.replies", Error: "missing_scope", Count: -1},
		"hangs":         {Kind: slacktest.Hang, Method: "conversations.replies", Count: -1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				defer w.Inject(fault).Release()
				thread := location{w.dev.ID, w.root}.key("T0ACME")
				began := time.Now()
				if _, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", To: w.ann.ID, Text: "psst"}); err != nil {
					t.Fatal(err)
				}
				notes := w.Ephemerals(w.ann.ID)
				if len(notes) != 1 || notes[0].ThreadTS != "" || notes[0].Hidden {
					t.Errorf("notes %+v, want one in the channel", notes)
				}
				if took := time.Since(began); took > activeTimeout {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestPrivateNoteInADirectMessageIsAnOrdinaryPost(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		dm, err := w.DM(w.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		root := w.Say(w.ann.ID, dm, "help")
		ts, err := w.app.Post(t.Context(), location{dm, root}.key("T0ACME"), bridge.Post{Key: "k", To: w.ann.ID, Text: "psst"})
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := w.Message(dm, ts); !ok || m.ThreadTS != root || m.Text != "psst" {
			t.Errorf("posted %+v", m)
		}
	})
}

// clicked posts a private note with buttons below a message without replies, and returns what a click on it says.
func (w *world) clicked(t *testing.T) (bridge.ThreadKey, bridge.Post, bridge.Click) {
	t.Helper()
	w.run(t)
	thread := location{w.dev.ID, w.root}.key("T0ACME")
	note := bridge.Post{Key: "typo:1", To: w.ann.ID, Text: "Did you mean `stop`?", Buttons: []bridge.Button{{Action: "stop", Label: "Yes, stop"}, {Action: "send", Label: "No"}}}
	ts, err := w.app.Post(t.Context(), thread, note)
	if err != nil {
		t.Fatal(err)
	}
	w.Click(w.ann.ID, w.dev.ID, ts, "stop")
	var c bridge.Click
	eventually(t, "the click", func() bool {
		clicks := w.inlet.clicksSeen()
		if len(clicks) == 1 {
			c = clicks[0]
		}
		return len(clicks) == 1
	})
	return thread, note, c
}

func TestClickOnAPrivateNoteNamesItsThreadAndWhereToAnswer(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		thread, note, c := w.clicked(t)
		if c.Thread != thread || c.Post != note.Key || c.Action != "stop" || c.ResponseURL == "" {
			t.Errorf("the click says %+v", c)
		}
	})
}

func TestPrivateNoteIsChangedAndDeletedAtTheResponseURL(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		thread, note, c := w.clicked(t)
		note.ResponseURL, note.Text, note.Buttons = c.ResponseURL, "OK.", nil
		if err := w.app.Update(t.Context(), thread, "", note); err != nil {
			t.Fatal(err)
		}
		if got := w.Ephemerals(w.ann.ID)[0]; got.Text != "OK." || got.Deleted {
			t.Errorf("the note is %+v", got)
		}
		note.Withdrawn = true
		if err := w.app.Update(t.Context(), thread, "", note); err != nil || !w.Ephemerals(w.ann.ID)[0].Deleted {
			t.Errorf("%v: the note is %+v", err, w.Ephemerals(w.ann.ID)[0])
		}
		for range 5 {
			if err := w.app.Update(t.Context(), thread, "", note); err != nil && !errors.Is(err, bridge.ClassRejected) {
				t.Errorf("used up: %v, want rejected", err)
			}
		}
		time.Sleep(31 * time.Minute)
		if err := w.app.Update(t.Context(), thread, "", note); !errors.Is(err, bridge.ClassRejected) {
			t.Errorf("expired: %v, want rejected", err)
		}
		if w.log.Has(c.ResponseURL) {
			t.Error("the response URL is in the log")
		}
	})
}

func TestOnlySlacksResponseURLsAreCalled(t *testing.T) {
	const api = "https://slack.com/api/"
	var taken []string
	for _, address := range []string{
		"https://hooks.slack.com/actions/T1/2/x", "https://slack.com/actions", "http://hooks.slack.com/actions",
		"https://hooks.slack.com.evil.test/", "https://evil.test/hooks.slack.com", "https://files.slack.com/", "", "::",
	} {
		if isResponseURL(address, api) {
			taken = append(taken, address)
		}
	}
	if want := []string{"https://hooks.slack.com/actions/T1/2/x", "https://slack.com/actions"}; !slices.Equal(taken, want) {
		t.Errorf("taken %q, want %q", taken, want)
	}
	if !isResponseURL("https://hooks.slack-gov.com/x", "https://slack-gov.com/api/") {
		t.Error("the host beside another Web API is refused")
	}
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		err := w.app.Update(t.Context(), location{w.dev.ID, w.root}.key("T0ACME"), "", bridge.Post{To: w.ann.ID, Text: "x", ResponseURL: "https://evil.test/"})
		if f := webapi.FaultOf(err); f == nil || f.Class != bridge.ClassRejected {
			t.Errorf("%v, want rejected", err)
		}
	})
}
