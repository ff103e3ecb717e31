package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
	"github.com/google/go-cmp/cmp"
)

func TestABranchAndAMergeRequestOfEarlierEventsAreShown(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, bridge.SeenEvents{},
		event("1", "agent_file_edit", 1, `{"path":"a.go","branch":"old"}`),
		event("2", "agent_push_to_remote", 2, `{"branch" : "fix/login"}`),
		event("3", "agent_http_request", 3, `{"url":"x","merge_request_url":"https://git.test/1","branch":null}`),
		event("4", "agent_file_edit", 4, `{"path":"b.go","content":"\"branch\": \"none\", \"merge_request_url\": \"https://evil.test\""}`),
		event("5", "agent_file_read", 5, `{"path":"c.go"}`),
	))
	card := w.rows.Thread.Session.Card
	if card.Branch != "fix/login" || card.RequestURL != "https://git.test/1" || card.Activity.Subject != "c.go" {
		t.Errorf("got %+v", card)
	}
}

// timelineOf reads events the way the relay does.
func timelineOf(t *testing.T, seen bridge.SeenEvents, events ...string) *timeline.Read {
	t.Helper()
	state := bridge.NewThreadState("T1/C1/100.000001")
	state.Thread.Seen = seen
	reader := timeline.NewReader(state, nil, false)
	if err := agen.ReadTimeline(strings.NewReader("["+strings.Join(events, ",")+"]"), reader.Visit); err != nil {
		t.Fatal(err)
	}
	found := reader.Found()
	return &found
}

func event(id, kind string, minute int, payload string) string {
	at := epoch.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
	return fmt.Sprintf(`{"id":%q,"type":%q,"status":"completed","payload":%s,"created_at":%q,"updated_at":%q}`, id, kind, payload, at, at)
}

func TestNewsComesInItsOrderAndOnce(t *testing.T) {
	w := bound(t)
	events := []string{
		event("10", "agent_message", 2, `{"message":"second"}`),
		event("9", "agent_message", 1, `{"message":"first"}`),
		event("7", "agent_file_read", 3, `{"path":"a.go"}`),
		event("8", "agent_message", 3, `{"message":"third"}`),
		event("6", "agent_dreams", 4, `{"message":"sheep"}`),
	}
	for range 2 {
		w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	}
	if diff := cmp.Diff([]string{"first\n\nsecond\n\nthird"}, w.words()); diff != "" {
		t.Error(diff)
	}
	if got := w.rows.Thread.Session.Card.Activity; got != (bridge.Activity{Kind: bridge.ActivityRead, Subject: "a.go"}) {
		t.Errorf("the card says %+v", got)
	}
}

func TestAMessageThatIsDealtWithIsNoWork(t *testing.T) {
	message := func(status string, minute int) string {
		return strings.Replace(event("5", "user_message", minute, `{"message":"fix it"}`), "completed", status, 1)
	}
	for name, c := range map[string]struct {
		last string
		then string // what happens to the message a minute later
		want bridge.Phase
	}{
		"finished, then dealt with":   {event("6", "session_finished", 3, `{}`), message("completed", 4), bridge.PhaseFinished},
		"asked, then dealt with":      {event("6", "agent_ask_user", 3, `{"question":"Which?"}`), message("completed", 4), bridge.PhaseAsking},
		"finished, then canceled":     {event("6", "session_finished", 3, `{}`), message("canceled", 4), bridge.PhaseFinished},
		"finished, then another task": {event("6", "session_finished", 3, `{}`), message("processing", 4), bridge.PhaseWorking},
	} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			w.reads(*timelineOf(t, w.rows.Thread.Seen, c.last, c.then))
			if got := w.rows.Thread.Session.Card.Phase; got != c.want {
				t.Errorf("the card says %q, want %q", got, c.want)
			}
		})
	}
}

func TestAChangedMessageChangesItsPost(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, bridge.SeenEvents{}, event("9", "agent_message", 1, `{"message":"it is the cache"}`)))
	post := w.onlyPost()
	w.do(w.policy.PostBegin(post.Key, post.Rev))
	w.do(w.policy.Posted(post.Key, "5.5", post.Edition))
	tl := timelineOf(t, w.rows.Thread.Seen, event("9", "agent_message", 1, `{"message":"it is not the cache"}`))
	if diff := cmp.Diff(post.Key, RestingPosts(tl, w.policy.PostChars())[0]); diff != "" {
		t.Errorf("the store is not asked for it: %s", diff)
	}
	w.pass(time.Second)
	w.reads(*tl)
	w.wantNext(bridge.ToSlack, bridge.StepAddReaction, "") // the reaction goes first, because a post is updated at most every 3 s
	w.show(ts(1))
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(project.UpdateEvery)
	w.wantNext(bridge.ToSlack, bridge.StepUpdatePost, post.Key)
}

func TestMoreNewsThanOneReadTakesOnFollowsAtOnce(t *testing.T) {
	w := bound(t)
	var events []string
	for i := range timeline.NewsPerRead + 1 {
		events = append(events, event(fmt.Sprint(i), "agent_message", i, `{"message":"x"}`))
	}
	w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	if n := strings.Count(strings.Join(w.words(), ""), "x"); n != timeline.NewsPerRead {
		t.Errorf("got %d messages", n)
	}
	delete(w.rows.Volatile.HoldUntil, bridge.StepRead)
	w.wantNext(bridge.ToAgen, bridge.StepRead, "")
	w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	if n := strings.Count(strings.Join(w.words(), ""), "x"); n != timeline.NewsPerRead+1 {
		t.Errorf("in the end: got %d messages", n)
	}
}

func TestOnlyTheFirstAnswerGoesToTheAgent(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, bridge.SeenEvents{}, event("9", "agent_ask_user", 1, `{"question":"Which?","options":["a","b"]}`)))
	post := w.onlyPost()
	press := func(by, action, ts string) {
		var v bridge.Result
		w.do(w.policy.AcceptClick(bridge.Click{Post: post.Key, Action: action, By: by, TS: ts, Body: []byte("{}")}, &v))
	}
	press("U2", "choose:1", ts(5))
	press("U3", "choose:0", ts(6))
	press("U2", "choose:1", ts(5))
	answers := 0
	for _, m := range w.rows.Messages {
		if m.Choice != "" {
			answers++
			if m.Choice != "b" || m.Author != "U2" {
				t.Errorf("%s answers %q", m.Author, m.Choice)
			}
		}
	}
	if answers != 1 {
		t.Errorf("the agent gets %d answers", answers)
	}
	if late := w.rows.Posts["late:"+post.Key+":U3"]; late == nil || late.To != "U3" {
		t.Error("who came later is not told")
	}
}

func TestAnAnswerThatFailsCanBeTriedAgain(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, bridge.SeenEvents{}, event("9", "agent_ask_user", 1, `{"question":"Which?","options":["a"]}`)))
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Post: w.onlyPost().Key, Action: "choose:0", By: "U2", TS: ts(5), Body: []byte("{}")}, &v))
	w.begin(ts(5))
	w.do(w.policy.SendFailed(ts(5), &bridge.Fault{Class: bridge.ClassRejected}))
	w.press(w.rows.Thread.FailureNote, bridge.ActionRetry)
	if m := w.row(ts(5)); m.State != bridge.StateReady || m.Body == nil || m.Choice != "a" {
		t.Errorf("got %s, %q", m.State, m.Choice)
	}
}

func (w *world) choose(key, by, action, ts string) bridge.Result {
	w.t.Helper()
	var v bridge.Result
	w.do(w.policy.AcceptClick(bridge.Click{Post: key, Action: action, By: by, TS: ts, Body: []byte("{}")}, &v))
	return v
}

// asked is a bound thread with questions of the agent.
func asked(t *testing.T, payload string) *world {
	t.Helper()
	w := bound(t)
	w.reads(*timelineOf(t, bridge.SeenEvents{}, event("9", "agent_ask_user", 1, payload)))
	for _, p := range w.notes() {
		w.do(w.policy.PostBegin(p.Key, p.Rev))
		w.do(w.policy.Posted(p.Key, ts(3), p.Edition))
	}
	return w
}

func TestAClickAnswersOneOfSeveralQuestions(t *testing.T) {
	w := asked(t, `{"questions":[{"question":"Which?","options":["a","b"]},{"question":"When?","options":["now","later"]}]}`)
	w.choose("ask:9:0", "U2", "choose:0", ts(5))
	w.begin(ts(5))
	if second := w.rows.Posts["ask:9:1"]; !second.Open || len(second.Actions()) != 2 {
		t.Errorf("the other question is %+v", second.Note)
	}
}

func TestACorrectionAnswersNothing(t *testing.T) {
	w := asked(t, `{"question":"Which?","options":["a","b"]}`)
	m := said(1, bridge.KindMention)
	m.Edited, m.Digest = ts(6), 60
	w.hear(m)
	w.pass(schedule.CorrectionQuiet)
	w.begin(ts(1) + ":" + ts(6))
	if q := w.rows.Posts["ask:9:0"]; !q.Open {
		t.Errorf("the question is %+v", q.Note)
	}
}

func TestTheQuestionsOfASessionThatIsOverCanNotBeAnswered(t *testing.T) {
	for name, over := range map[string]func(*world){
		"gone": func(w *world) {
			w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
				w.policy.CloseSession(state, at)
				return nil
			})
		},
		"left": func(w *world) {
			w.do(func(state *bridge.ThreadState, at bridge.Instant) error { w.policy.StartOver(state, at); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := asked(t, `{"question":"Which?","options":["a","b"]}`)
			over(w)
			q := w.onlyPost()
			if how := q.Note.Outcome; q.Open || len(q.Actions()) > 0 || how == nil || how.How != map[string]bridge.Ending{"gone": bridge.EndingSessionOver, "left": bridge.EndingMoved}[name] || q.Note.Question.Text != "Which?" {
				t.Errorf("it is %+v, with %d buttons", q.Note, len(q.Actions()))
			}
			w.choose(q.Key, "U2", "choose:0", ts(5))
			if w.rows.Messages[ts(5)] != nil {
				t.Error("a click on it goes to another session")
			}
		})
	}
}

func TestARetryAfterTheEndOfFollowingIsFollowed(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	w.begin(ts(2))
	w.do(w.policy.SendFailed(ts(2), &bridge.Fault{Class: bridge.ClassRejected}))
	w.pass(721 * time.Hour)
	w.reads(timeline.Read{Fingerprint: 1})
	w.press(w.rows.Thread.FailureNote, bridge.ActionRetry)
	w.row(ts(2)).Body = []byte("{}")
	w.sent(ts(2))
	w.pass(time.Second)
	w.wantNext(bridge.ToAgen, bridge.StepRead, "")
}

func TestEarlierComparesTimesAndNotTheirWriting(t *testing.T) {
	inOrder := []string{
		"2026-11-02T10:00:00Z", "2026-11-02T10:00:00.02Z", "2026-11-02T10:00:00.0201Z", "2026-11-02T11:00:00.5+00:30", "2026-11-02T10:30:01Z",
	}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := timeline.Earlier([]byte(a), []byte(b)); got != (i < j) {
				t.Errorf("earlier(%s, %s): got %t", a, b, got)
			}
		}
	}
	if !timeline.Earlier([]byte("a"), []byte("b")) || timeline.Earlier([]byte("longer"), []byte("a")) != ("longer" < "a") {
		t.Error("what is no time is not compared as text")
	}
}

// TestAClockThatIsSetBack: posts are made in the order in which they were added,
// regardless of the clock.
func TestAClockThatIsSetBack(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"say:b:0", "say:a:0", "say:c:0"} {
		w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
			w.policy.UpsertPost(state, bridge.Post{Key: key, Text: key}, nil, at)
			return nil
		})
		w.pass(-time.Hour)
	}
	var got []string
	for _, p := range record.PostsInOrder(w.rows) {
		got = append(got, p.Key)
	}
	if diff := cmp.Diff([]string{"say:b:0", "say:a:0", "say:c:0"}, got); diff != "" {
		t.Error(diff)
	}
}
