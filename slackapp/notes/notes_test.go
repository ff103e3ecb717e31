package notes

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

var update = flag.Bool("update", false, "write the golden files")

// at is the time in the notes.
var at = bridge.UnixTime(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC).Unix())

// messages returns messages with these numbers, all by one author.
func messages(numbers ...int) []bridge.NoteMessage {
	var all []bridge.NoteMessage
	for _, n := range numbers {
		all = append(all, bridge.NoteMessage{TS: fmt.Sprintf("1700000100.%06d", n), Author: "U1"})
	}
	return all
}

func choice(labels ...string) *bridge.Question {
	q := &bridge.Question{Text: "Keep it?"}
	for _, label := range labels {
		q.Options = append(q.Options, bridge.QuestionOption{Label: label, Value: label})
	}
	return q
}

// ended returns a note with this outcome.
func ended(kind bridge.NoteKind, o bridge.NoteOutcome) bridge.Note {
	if o.At = at; o.Since != 0 {
		o.At += 3600
	}
	return bridge.Note{Kind: kind, Outcome: &o}
}

func answeredBy(o bridge.NoteOutcome) bridge.Note {
	o.How, o.At = bridge.EndingAnswered, at
	return bridge.Note{Kind: bridge.NoteQuestion, Question: choice("Yes"), Outcome: &o}
}

// TestNotes renders every note with the labels of its buttons.
func TestNotes(t *testing.T) {
	options := Config{Options: []string{"branch", "model"}}
	contact := Config{Contact: "<#C9>", Reactions: bridge.DefaultReactions()}
	linking := Config{SessionURL: "https://agen.test/{id}", RouteURLs: map[string]string{"WEB": "https://web.test/{id}"}}
	failed := func(class bridge.FaultClass, reason string, numbers ...int) bridge.Note {
		all := messages(numbers...)
		return bridge.Note{Kind: bridge.NoteFailed, Messages: all, Class: class, Reason: reason, Reference: all[len(all)-1].TS, Unsure: class == bridge.ClassUnsure}
	}
	editing := bridge.Activity{Kind: bridge.ActivityEdit, Subject: "store/bolt.go"}
	var b strings.Builder
	shown := map[bridge.NoteKind]bool{}
	for _, s := range []struct {
		name string
		cfg  Config
		note bridge.Note
	}{
		{"help", contact, bridge.Note{Kind: bridge.NoteHelp}},
		{"help without contact or signs", Config{}, bridge.Note{Kind: bridge.NoteHelp}},
		{"aside", Config{}, bridge.Note{Kind: bridge.NoteAside, Name: "<@U2>"}},
		{"wrong option", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeUnknown, Name: "brnach"}},
		{"options switched off", Config{}, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeUnknown, Name: "branch"}},
		{"help with one option", Config{Options: []string{"model"}}, bridge.Note{Kind: bridge.NoteHelp}},
		{"delayed, one", Config{}, bridge.Note{Kind: bridge.NoteDelayed, Count: 1, Until: at}},
		{"delayed, three", Config{}, bridge.Note{Kind: bridge.NoteDelayed, Count: 3, Until: at}},
		{"delayed by Slack, one", Config{}, bridge.Note{Kind: bridge.NoteDelayed, Count: 1, Until: at, Remote: bridge.ToSlack}},
		{"delayed by Slack, three", Config{}, bridge.Note{Kind: bridge.NoteDelayed, Count: 3, Until: at, Remote: bridge.ToSlack}},
		{"over, Slack's", Config{}, bridge.Note{Kind: bridge.NoteDelayed, Remote: bridge.ToSlack, Outcome: &bridge.NoteOutcome{How: bridge.EndingReachable, Since: at, Sent: 3, Count: 3}}},
		{"failed for Slack", contact, func() bridge.Note { n := failed(bridge.ClassTemporary, "", 2); n.Remote = bridge.ToSlack; return n }()},
		{"over, one", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingReachable, Since: at, Sent: 1, Count: 1})},
		{"over, all", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingReachable, Since: at, Sent: 3, Count: 3})},
		{"over, some", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingReachable, Since: at, Sent: 2, Count: 3})},
		{"over, none left", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingReachable, Since: at})},
		{"dropped", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingDropped, By: "U2", Count: 2})},
		{"failed", contact, failed(bridge.ClassRejected, "branch mian not found", 2)},
		{"failed, two", contact, failed(bridge.ClassTemporary, "", 2, 3)},
		{"failed, forbidden", contact, failed(bridge.ClassForbidden, "", 2)},
		{"failed, no session", contact, failed(bridge.ClassNotFound, "", 2)},
		{"failed, no workspace", contact, func() bridge.Note { n := failed("", "", 2); n.Hold = bridge.HoldNoRoute; return n }()},
		{"unsure", Config{}, failed(bridge.ClassUnsure, "", 2)},
		{"retried", Config{}, ended(bridge.NoteFailed, bridge.NoteOutcome{How: bridge.EndingRetried, By: "U2", Count: 1})},
		{"left", Config{}, ended(bridge.NoteFailed, bridge.NoteOutcome{How: bridge.EndingDismissed, By: "U2"})},
		{"greeting", Config{Earlier: 50}, bridge.Note{Kind: bridge.NoteGreeting}},
		{"greeting, without context", Config{}, bridge.Note{Kind: bridge.NoteGreeting}},
		{"stop", linking, bridge.Note{Kind: bridge.NoteStop, Passed: true, Word: "cancel", Session: "s1", Count: 2, Messages: messages(2, 3)}},
		{"stop, written by the former release", linking, bridge.Note{Kind: bridge.NoteStop, Passed: true, Session: "s1", Count: 2}},
		{"stop, sent", Config{}, ended(bridge.NoteStop, bridge.NoteOutcome{How: bridge.EndingSent, By: "U2", Count: 2})},
		{"stop, dropped", Config{}, ended(bridge.NoteStop, bridge.NoteOutcome{How: bridge.EndingSkipped, By: "U2", Count: 2})},
		{"stop, nobody decided", Config{}, ended(bridge.NoteStop, bridge.NoteOutcome{How: bridge.EndingExpired, Count: 2})},
		{"near miss", Config{}, bridge.Note{Kind: bridge.NoteNearMiss, Word: "stop"}},
		{"too late", linking, bridge.Note{Kind: bridge.NoteTooLate, Session: "s1", Messages: messages(2)}},
		{"too late, told", linking, ended(bridge.NoteTooLate, bridge.NoteOutcome{How: bridge.EndingIgnored, By: "U1"})},
		{"too late, session left", linking, ended(bridge.NoteTooLate, bridge.NoteOutcome{How: bridge.EndingSessionOver, By: "U1"})},
		{"correction follows", Config{}, bridge.Note{Kind: bridge.NoteCorrectionFollows}},
		{"new, with a session", linking, bridge.Note{Kind: bridge.NoteNewSession, Session: "s1"}},
		{"card, disconnected", linking, bridge.Note{Kind: bridge.NoteCard, Session: "s1", SessionClosed: true, Card: &bridge.Card{Asker: "U1", Phase: bridge.PhaseDisconnected}}},
		{"card, continued", linking, bridge.Note{Kind: bridge.NoteCard, Session: "s1", SessionClosed: true, Card: &bridge.Card{Asker: "U1", Phase: bridge.PhaseLeft}}},
		{"question, quiet", Config{}, bridge.Note{Kind: bridge.NoteQuestion, Person: "U1", Question: choice("Yes"), Quiet: true}},
		{"question, thread moved", linking, bridge.Note{Kind: bridge.NoteQuestion, Session: "s1", Question: choice("Yes"), Outcome: &bridge.NoteOutcome{How: bridge.EndingMoved}}},
		{"over, both", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingReachable, Since: at, Sent: 2, Count: 2})},
		{"missed, many", Config{}, bridge.Note{Kind: bridge.NoteMissed, Person: "U1", Messages: messages(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)}},
		{"failed, after three days", Config{}, func() bridge.Note { n := failed(bridge.ClassTemporary, "", 2); n.For = 72; return n }()},
		{"failed, after an hour", Config{}, func() bridge.Note { n := failed(bridge.ClassTemporary, "", 2); n.For = 1; return n }()},
		{"unsure, two", linking, func() bridge.Note { n := failed(bridge.ClassUnsure, "", 2, 3); n.Session = "s1"; return n }()},
		{"dropped, one", Config{}, ended(bridge.NoteDelayed, bridge.NoteOutcome{How: bridge.EndingDropped, By: "U2", Count: 1})},
		{"retried, two", Config{}, ended(bridge.NoteFailed, bridge.NoteOutcome{How: bridge.EndingRetried, By: "U2", Count: 2})},
		{"stop, nothing held, no link", Config{}, bridge.Note{Kind: bridge.NoteStop, Passed: true, Session: "s1"}},
		{"stop, no agent", Config{}, bridge.Note{Kind: bridge.NoteStop, Count: 1}},
		{"list", Config{}, bridge.Note{Kind: bridge.NoteList, Threads: []bridge.NoteThread{
			{Key: "a", OpenedAt: at, Card: bridge.Card{Activity: bridge.Activity{Kind: bridge.ActivityEdit, Subject: "a.go"}, Branch: "fix"}},
			{Key: "b", OpenedAt: at, Card: bridge.Card{Phase: bridge.PhaseFinished, RequestURL: "https://git.test/1"}},
		}}},
		{"answer in the queue", linking, bridge.Note{Kind: bridge.NoteAnswerQueued, Person: "U2", Session: "s1"}},
		{"closed, one", Config{}, bridge.Note{Kind: bridge.NoteClosed, Messages: messages(2)}},
		{"closed, two", Config{}, bridge.Note{Kind: bridge.NoteClosed, Messages: messages(2, 3)}},
		{"restarted", Config{}, ended(bridge.NoteClosed, bridge.NoteOutcome{How: bridge.EndingRestarted, By: "U2", Count: 2})},
		{"refused, guest", contact, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedGuest}},
		{"refused, no contact", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedChannel}},
		{"refused, a click", contact, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedPerson, Click: true}},
		{"unread", Config{}, bridge.Note{Kind: bridge.NoteUnreadFiles, Files: []string{"a.png", "<!here>.pdf"}}},
		{"unreadable, one", Config{}, bridge.Note{Kind: bridge.NoteUnreadableFiles, Files: []string{"trace.txt"}}},
		{"unreadable, two", Config{}, bridge.Note{Kind: bridge.NoteUnreadableFiles, Files: []string{"trace.txt", "<b>.log"}}},
		{"no background", Config{}, bridge.Note{Kind: bridge.NoteNoBackground}},
		{"unfollowed, session gone", Config{}, bridge.Note{Kind: bridge.NotePollingStopped, Class: bridge.ClassNotFound}},
		{"unfollowed", Config{}, bridge.Note{Kind: bridge.NotePollingStopped, Days: 30}},
		{"card, at work", linking, bridge.Note{Kind: bridge.NoteCard, Count: 2, Session: "s1", Listens: true, Card: &bridge.Card{
			Asker: "U1", Earlier: 12, Activity: editing, Branch: "fix/login", RequestURL: "https://git.test/1",
		}}},
		{"card, too much background", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", Listens: true, Card: &bridge.Card{Asker: "U1", Earlier: 12, LeftOut: 30}}},
		{"card, root only", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", Listens: true, Card: &bridge.Card{Asker: "U1", Earlier: 1, LeftOut: 11, RootOnly: true}}},
		{"preview withheld", Config{}, bridge.Note{Kind: bridge.NotePreviewWithheld}},
		{"card, asking, quiet", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", Card: &bridge.Card{Asker: "U1", Phase: bridge.PhaseAsking}}},
		{"card, merged", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", SessionClosed: true, Listens: true, Card: &bridge.Card{
			Asker: "U1", Phase: bridge.PhaseMerged, Request: "Fix <it>", RequestURL: "https://git.test/1",
		}}},
		{"question", Config{}, bridge.Note{Kind: bridge.NoteQuestion, Person: "U1", Question: &bridge.Question{Text: "Keep *it*?", Options: []bridge.QuestionOption{{Label: "Yes"}}}}},
		{"question, long options", Config{}, bridge.Note{Kind: bridge.NoteQuestion, Person: "U1", Question: &bridge.Question{
			Text: "Which?", Options: []bridge.QuestionOption{{Label: strings.Repeat("long ", 10)}, {Label: "b"}},
		}}},
		{"question, free", Config{}, bridge.Note{Kind: bridge.NoteQuestion, Question: &bridge.Question{Text: "Why?"}}},
		{"answered by a click", Config{}, answeredBy(bridge.NoteOutcome{By: "U2", Answer: "Yes"})},
		{"answered by a reply", Config{}, answeredBy(bridge.NoteOutcome{By: "U2"})},
		{"answered at Agen", Config{}, answeredBy(bridge.NoteOutcome{Answer: "Yes"})},
		{"answered already", Config{}, bridge.Note{Kind: bridge.NoteAlreadyAnswered, Person: "U2", Answer: "Yes"}},
		{"mirror", Config{}, bridge.Note{Kind: bridge.NoteMirrored}},
		{"quiet", Config{}, bridge.Note{Kind: bridge.NoteReplies}},
		{"listen", Config{}, bridge.Note{Kind: bridge.NoteReplies, Listens: true}},
		{"new", Config{}, bridge.Note{Kind: bridge.NoteNewSession}},
		{"again", Config{}, bridge.Note{Kind: bridge.NoteRetrying, Count: 2}},
		{"again, nothing", Config{}, bridge.Note{Kind: bridge.NoteRetrying}},
		{"missed, one", Config{}, bridge.Note{Kind: bridge.NoteMissed, Person: "U1", Messages: messages(2)}},
		{"missed, two", Config{}, bridge.Note{Kind: bridge.NoteMissed, Person: "U1", Messages: messages(2, 3)}},
		{"sent late", Config{}, ended(bridge.NoteMissed, bridge.NoteOutcome{How: bridge.EndingSent, By: "U2", Count: 2})},
		{"skipped", Config{}, ended(bridge.NoteMissed, bridge.NoteOutcome{How: bridge.EndingSkipped, By: "U2", Count: 1})},
		{"skipped, nobody decided", Config{}, ended(bridge.NoteMissed, bridge.NoteOutcome{How: bridge.EndingExpired, Count: 2})},
		{"taken back", Config{}, ended(bridge.NoteFailed, bridge.NoteOutcome{How: bridge.EndingWithdrawn})},
		{"answer received", Config{}, ended(bridge.NoteAnswerQueued, bridge.NoteOutcome{How: bridge.EndingReceived})},
		{"failed, a bug", Config{}, failed(bridge.ClassPanic, "", 2)},
		{"closed, moved", Config{}, bridge.Note{Kind: bridge.NoteClosed, Messages: messages(2), Moved: true}},
		{"stop, of a route", linking, bridge.Note{Kind: bridge.NoteStop, Passed: true, Session: "s1", Route: "WEB"}},
		{"session over", Config{}, bridge.Note{Kind: bridge.NoteQuestion, Question: choice("Yes"), Outcome: &bridge.NoteOutcome{How: bridge.EndingSessionOver}}},
		{"answered, asked by the former release", Config{}, bridge.Note{
			Kind: bridge.NoteQuestion, Text: "🙋 The agent asks:\n*Keep it?*", Outcome: &bridge.NoteOutcome{How: bridge.EndingAnswered, By: "U2", At: at, Answer: "Yes"},
		}},
		{"answered in the Agen app, in own words", Config{}, answeredBy(bridge.NoteOutcome{})},
		{"answer not shown", Config{SessionURL: "https://agen.test/{id}"}, bridge.Note{Kind: bridge.NoteUnshown, Session: "s1"}},
		{"answer not shown, without a link", Config{}, bridge.Note{Kind: bridge.NoteUnshown}},
		{"thread deleted", Config{SessionURL: "https://agen.test/{id}"}, bridge.Note{Kind: bridge.NoteThreadDeleted, Session: "s1"}},
		{"answered already, at Agen", Config{}, bridge.Note{Kind: bridge.NoteAlreadyAnswered}},
		{"answer in the queue, no link", Config{}, bridge.Note{Kind: bridge.NoteAnswerQueued, Person: "U2", Session: "s1"}},
		{"shortened", Config{}, bridge.Note{Kind: bridge.NoteShortened}},
		{"merged", Config{}, bridge.Note{Kind: bridge.NoteMerged, Title: "Fix <it>", URL: "https://git.test/1?a&b", Branch: "main", Person: "U1"}},
		{"merged, hardly anything known", Config{}, bridge.Note{Kind: bridge.NoteMerged, URL: "javascript:x"}},
		{"merge request closed", Config{}, bridge.Note{Kind: bridge.NoteMergeRequestClosed, Title: "Fix it"}},
		{"alert", Config{}, bridge.Note{Kind: bridge.NoteAlert, Text: "disk <!here> full"}},
		{"system message, long", Config{}, bridge.Note{Kind: bridge.NoteSystem, Text: strings.Repeat("long ", 80)}},
		{"status", linking, bridge.Note{Kind: bridge.NoteStatus, Session: "s1", Route: "WEB", Count: 1, Failed: 2, Listens: true, Card: &bridge.Card{Asker: "U1", Activity: editing}}},
		{"status, no session", linking, bridge.Note{Kind: bridge.NoteStatus, Count: 1, Card: &bridge.Card{}}},
		{"list, empty", Config{}, bridge.Note{Kind: bridge.NoteList}},
		{"list, long", Config{}, bridge.Note{Kind: bridge.NoteList, Threads: []bridge.NoteThread{{Key: "b", OpenedAt: at}}, More: 3}},
		{"card, following its plan", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", Card: &bridge.Card{Activity: bridge.Activity{Kind: bridge.ActivityPlan}}}},
		{"card, a step of its plan", Config{}, bridge.Note{Kind: bridge.NoteCard, Session: "s1", Card: &bridge.Card{
			Activity: bridge.Activity{Kind: bridge.ActivityPlan, Subject: strings.Repeat("step <1> ", 12)},
		}}},
		{"option twice", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeTwice, Name: "branch"}},
		{"option without a value", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeEmpty, Name: "branch"}},
		{"option too long", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeTooLong, Name: "branch", Limit: 200}},
		{"option like none", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeUnknown, Name: "colour"}},
		{"option with markup", options, bridge.Note{Kind: bridge.NoteMistyped, Mistake: bridge.MistakeUnknown, Name: "<!channel>"}},
		{"refused, external", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedExternal}},
		{"refused, shared", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedShared}},
		{"refused, direct", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedDirect}},
		{"refused, pace", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedPace, Limit: 20}},
		{"refused, sessions", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedSessions, Limit: 3}},
		{"refused, full", Config{}, bridge.Note{Kind: bridge.NoteRefused, Refusal: bridge.RefusedFull, Limit: 500}},
		{"no session", Config{}, bridge.Note{Kind: bridge.NoteNoSession}},
		{"linked", Config{}, bridge.Note{Kind: bridge.NoteLinked}},
		{"linked here", Config{}, bridge.Note{Kind: bridge.NoteLinkedHere}},
		{"link closed", Config{}, bridge.Note{Kind: bridge.NoteLinkClosed}},
		{"not yours", Config{}, bridge.Note{Kind: bridge.NoteNotYours}},
		{"no such session", Config{}, bridge.Note{Kind: bridge.NoteNoSuchSession}},
	} {
		r := Renderer{Config: s.cfg, Thread: "T1/C1/1", MessageLink: func(ts string) string {
			return "https://team.test/archives/C1/p" + ts
		}, Name: func(id string) string { return map[string]string{"U1": "Ann", "U2": "Bob <b>"}[id] }, Link: func(key bridge.ThreadKey) string {
			return map[bridge.ThreadKey]string{"a": "https://team.test/archives/C1/p1"}[key]
		}}
		p := bridge.Post{Note: &s.note}
		if s.note.Kind == bridge.NoteMirrored {
			p.Text, p.Markdown = "> also check\n> the logs", true
		}
		p = r.Render(p)
		fmt.Fprintf(&b, "== %s\n%s\n", s.name, p.Text)
		for _, button := range p.Buttons {
			fmt.Fprintf(&b, "[%s]", button.Label)
			if button.Primary {
				b.WriteString(" primary")
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
		shown[s.note.Kind] = true
	}
	for kind := range texts {
		if !shown[kind] {
			t.Errorf("%s is not in the golden file", kind)
		}
	}
	for kind := range constant {
		if !shown[kind] {
			t.Errorf("%s is not in the golden file", kind)
		}
	}
	golden(t, "notes.golden", b.String())
}

// A post that an earlier release rendered keeps its text and its buttons.
func TestAPostThatIsRenderedAlreadyStaysAsItIs(t *testing.T) {
	old := bridge.Post{Key: "failed:1", Text: "⚠️ It failed.", Buttons: []bridge.Button{{Action: bridge.ActionRetry, Label: "Try again", Primary: true}}}
	if diff := cmp.Diff(old, Renderer{}.Render(old)); diff != "" {
		t.Error(diff)
	}
}

// The subject of an activity can't end the code span that it is in.
func TestActivities(t *testing.T) {
	for _, tt := range []struct {
		activity bridge.Activity
		want     string
	}{
		{bridge.Activity{}, ""},
		{bridge.Activity{Kind: bridge.ActivityBrowseFiles}, "Looking around"},
		{bridge.Activity{Kind: bridge.ActivityRun, Subject: "echo `id` <!here>"}, "Running `echo 'id' &lt;!here&gt;`"},
		{bridge.Activity{Kind: bridge.ActivityRead, Subject: strings.Repeat("x", 100)}, "Reading `" + strings.Repeat("x", 80) + "…`"},
	} {
		if got := activity(tt.activity); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.activity, got, tt.want)
		}
	}
}

func TestTheSessionsIDIsEscapedInItsLink(t *testing.T) {
	r := Renderer{Config: Config{SessionURL: "https://a.test/open?session={id}"}}
	got := r.sessionLink(&bridge.Note{Session: "a b|c>d&e=f/../g"})
	if want := "https://a.test/open?session=a%20b%7Cc%3Ed%26e%3Df%2F..%2Fg"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLinksAreThoseOfTheRoute(t *testing.T) {
	r := Renderer{Config: Config{SessionURL: "https://a.test/{id}", RouteURLs: map[string]string{"WEB": "https://web.test/{id}"}}}
	for route, want := range map[string]string{"": "https://a.test/s1", "WEB": "https://web.test/s1", "GONE": ""} {
		if got := r.sessionLink(&bridge.Note{Route: route, Session: "s1"}); got != want {
			t.Errorf("route %q: got %q, want %q", route, got, want)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestAQuestionFitsSlacksLimits(t *testing.T) {
	many := make([]string, 250)
	for i := range many {
		many[i] = fmt.Sprintf("option %d", i+1)
	}
	for name, c := range map[string]struct {
		asked         *bridge.Question
		buttons       int
		label, listed string
	}{
		"short options":       {choice("a", "b"), 2, "a", ""},
		"one long option":     {choice("a", strings.Repeat("b", 41)), 2, "1", "2. " + strings.Repeat("b", 41)},
		"too many options":    {choice(many...), 100, "1", "100. option 100\n… and 150 more, in the Agen app"},
		"too much to list":    {choice(strings.Repeat("x", 990), strings.Repeat("y", 3000), strings.Repeat("z", 3000), strings.Repeat("v", 990), strings.Repeat("w", 990), "last"), 4, "1", "… and 2 more, in the Agen app"},
		"an endless question": {&bridge.Question{Text: strings.Repeat("q", 20_000)}, 0, "", "… (all of it is in the Agen app)"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Renderer{}.Render(bridge.Post{Ask: true, Note: &bridge.Note{Kind: bridge.NoteQuestion, Question: c.asked}})
			if len(p.Buttons) != c.buttons || c.buttons > 0 && p.Buttons[0].Label != c.label {
				t.Errorf("%d buttons: %+v", len(p.Buttons), p.Buttons)
			}
			if n := len([]rune(p.Text)); !strings.Contains(p.Text, c.listed) || n > 12_000 {
				t.Errorf("%d characters: %.2000s", n, p.Text)
			}
		})
	}
}
