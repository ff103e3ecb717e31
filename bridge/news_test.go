package bridge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
)

func TestABranchAndAMergeRequestOfEarlierEventsAreShown(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, SeenEvents{},
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

func TestSeenIsASetOfMarks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	var s SeenEvents
	s = stored(t, s, 0)
	want := map[uint64]uint64{}
	for round := range 500 {
		var several []mark
		for range rnd.IntN(6) {
			several = append(several, mark{id: rnd.Uint64N(300), state: rnd.Uint64N(3)})
		}
		s = s.with(several)
		for _, m := range several {
			want[m.id] = m.state
		}
		for id := range uint64(300) {
			if state, ok := s.state(id); ok != (want[id] == state && hasKey(want, id)) {
				t.Fatalf("after %d rounds event %d is in state %d, %t, want %d", round, id, state, ok, want[id])
			}
		}
		if round%50 == 0 {
			s = stored(t, s, len(want))
		}
	}
	if n := len(s.runs); n > 10 {
		t.Errorf("%d runs for %d events", n, len(want))
	}
}

func hasKey(m map[uint64]uint64, id uint64) bool {
	_, ok := m[id]
	return ok
}

// stored writes and reads it, and wants so many marks.
func stored(t *testing.T, s SeenEvents, marks int) SeenEvents {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back SeenEvents
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if marks > 0 && len(back.runs[0]) != marks*markSize {
		t.Errorf("%d bytes for %d events", len(back.runs[0]), marks)
	}
	return back
}

func TestWhatIsNoMarksIsNotRead(t *testing.T) {
	for _, bad := range []string{`"AAAA"`, `"?"`, `7`} {
		var s SeenEvents
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s is read as %v", bad, s)
		}
	}
}

// timelineOf reads events as the relay does.
func timelineOf(t *testing.T, seen SeenEvents, events ...string) *TimelineRead {
	t.Helper()
	state := NewThreadState("T1/C1/100.000001")
	state.Thread.Seen = seen
	reader := NewTimelineReader(state, nil, false)
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
	if got := w.rows.Thread.Session.Card.Activity; got != (Activity{Kind: ActivityRead, Subject: "a.go"}) {
		t.Errorf("the card says %+v", got)
	}
}

func TestAMessageThatIsDealtWithIsNoWork(t *testing.T) {
	message := func(status string, minute int) string {
		return strings.Replace(event("5", "user_message", minute, `{"message":"fix it"}`), "completed", status, 1)
	}
	for name, c := range map[string]struct {
		last string
		then string // what happened to the message, a minute after that
		want Phase
	}{
		"finished, then dealt with":   {event("6", "session_finished", 3, `{}`), message("completed", 4), PhaseFinished},
		"asked, then dealt with":      {event("6", "agent_ask_user", 3, `{"question":"Which?"}`), message("completed", 4), PhaseAsking},
		"finished, then canceled":     {event("6", "session_finished", 3, `{}`), message("canceled", 4), PhaseFinished},
		"finished, then another task": {event("6", "session_finished", 3, `{}`), message("processing", 4), PhaseWorking},
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
	w.reads(*timelineOf(t, SeenEvents{}, event("9", "agent_message", 1, `{"message":"it is the cache"}`)))
	post := w.onlyPost()
	w.do(w.policy.postBegin(post.Key, post.Rev))
	w.do(w.policy.posted(post.Key, "5.5", post.Edition))
	tl := timelineOf(t, w.rows.Thread.Seen, event("9", "agent_message", 1, `{"message":"it is not the cache"}`))
	if diff := cmp.Diff(post.Key, tl.restingPosts(w.policy.postLimit())[0]); diff != "" {
		t.Errorf("the store is not asked for it: %s", diff)
	}
	w.pass(time.Second)
	w.reads(*tl)
	w.wantNext(ToSlack, StepAddReaction, "") // the reaction goes first: a post changes every 3 s at most
	w.show(ts(1))
	w.wantNext(ToSlack, "", "")
	w.pass(updateEvery)
	w.wantNext(ToSlack, StepUpdatePost, post.Key)
}

func TestMoreNewsThanOneReadTakesOnFollowsAtOnce(t *testing.T) {
	w := bound(t)
	var events []string
	for i := range newsPerRead + 1 {
		events = append(events, event(fmt.Sprint(i), "agent_message", i, `{"message":"x"}`))
	}
	w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	if n := strings.Count(strings.Join(w.words(), ""), "x"); n != newsPerRead {
		t.Errorf("got %d messages", n)
	}
	delete(w.rows.Volatile.HoldUntil, StepRead)
	w.wantNext(ToAgen, StepRead, "")
	w.reads(*timelineOf(t, w.rows.Thread.Seen, events...))
	if n := strings.Count(strings.Join(w.words(), ""), "x"); n != newsPerRead+1 {
		t.Errorf("in the end: got %d messages", n)
	}
}

func TestOnlyTheFirstAnswerGoesToTheAgent(t *testing.T) {
	w := bound(t)
	w.reads(*timelineOf(t, SeenEvents{}, event("9", "agent_ask_user", 1, `{"question":"Which?","options":["a","b"]}`)))
	post := w.onlyPost()
	press := func(by, action, ts string) {
		var v Result
		w.do(w.policy.AcceptClick(Click{Post: post.Key, Action: action, By: by, TS: ts, Body: []byte("{}")}, &v))
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
	w.reads(*timelineOf(t, SeenEvents{}, event("9", "agent_ask_user", 1, `{"question":"Which?","options":["a"]}`)))
	var v Result
	w.do(w.policy.AcceptClick(Click{Post: w.onlyPost().Key, Action: "choose:0", By: "U2", TS: ts(5), Body: []byte("{}")}, &v))
	w.begin(ts(5))
	w.do(w.policy.sendFailed(ts(5), &Fault{Class: ClassRejected}))
	w.press(w.rows.Thread.FailureNote, ActionRetry)
	if m := w.row(ts(5)); m.State != StateReady || m.Body == nil || m.Choice != "a" {
		t.Errorf("got %s, %q", m.State, m.Choice)
	}
}

func (w *world) choose(key, by, action, ts string) Result {
	w.t.Helper()
	var v Result
	w.do(w.policy.AcceptClick(Click{Post: key, Action: action, By: by, TS: ts, Body: []byte("{}")}, &v))
	return v
}

// asked is a bound thread in which the agent's questions stand.
func asked(t *testing.T, payload string) *world {
	t.Helper()
	w := bound(t)
	w.reads(*timelineOf(t, SeenEvents{}, event("9", "agent_ask_user", 1, payload)))
	for _, p := range w.notes() {
		w.do(w.policy.postBegin(p.Key, p.Rev))
		w.do(w.policy.posted(p.Key, ts(3), p.Edition))
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
	m := said(1, KindMention)
	m.Edited, m.Digest = ts(6), 60
	w.hear(m)
	w.pass(correctionQuiet)
	w.begin(ts(1) + ":" + ts(6))
	if q := w.onlyPost(); !q.Open {
		t.Errorf("the question is %+v", q.Note)
	}
}

func TestTheQuestionsOfASessionThatIsOverCanNotBeAnswered(t *testing.T) {
	for name, over := range map[string]func(*world){
		"gone": func(w *world) {
			w.do(func(r *ThreadState, at Instant) error { w.policy.sessionClosed(r, at); return nil })
		},
		"left": func(w *world) { w.do(func(r *ThreadState, at Instant) error { w.policy.startOver(r, at); return nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			w := asked(t, `{"question":"Which?","options":["a","b"]}`)
			over(w)
			q := w.onlyPost()
			if how := q.Note.Outcome; q.Open || len(q.Actions()) > 0 || how == nil || how.How != EndingSessionOver || q.Note.Question.Text != "Which?" {
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
	w.hear(said(2, KindReply))
	w.begin(ts(2))
	w.do(w.policy.sendFailed(ts(2), &Fault{Class: ClassRejected}))
	w.pass(721 * time.Hour)
	w.reads(TimelineRead{Fingerprint: 1})
	w.press(w.rows.Thread.FailureNote, ActionRetry)
	w.row(ts(2)).Body = []byte("{}")
	w.sent(ts(2))
	w.pass(time.Second)
	w.wantNext(ToAgen, StepRead, "")
}

func TestEarlierComparesTimesAndNotTheirWriting(t *testing.T) {
	inOrder := []string{
		"2026-11-02T10:00:00Z", "2026-11-02T10:00:00.02Z", "2026-11-02T10:00:00.0201Z", "2026-11-02T11:00:00.5+00:30", "2026-11-02T10:30:01Z",
	}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := earlier([]byte(a), []byte(b)); got != (i < j) {
				t.Errorf("earlier(%s, %s): got %t", a, b, got)
			}
		}
	}
	if !earlier([]byte("a"), []byte("b")) || earlier([]byte("longer"), []byte("a")) != ("longer" < "a") {
		t.Error("what is no time is not compared as text")
	}
}

// TestAClockThatIsSetBack: posts are said in the order in which they were
// added, whatever the clock said then.
func TestAClockThatIsSetBack(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"say:b:0", "say:a:0", "say:c:0"} {
		w.do(func(r *ThreadState, at Instant) error {
			w.policy.upsertPost(r, Post{Key: key, Text: key}, nil, at)
			return nil
		})
		w.pass(-time.Hour)
	}
	var got []string
	for _, p := range w.rows.postsInOrder() {
		got = append(got, p.Key)
	}
	if diff := cmp.Diff([]string{"say:b:0", "say:a:0", "say:c:0"}, got); diff != "" {
		t.Error(diff)
	}
}
