package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestARateLimitedPersonIsToldOnceAndDelaysNobody has ann flood a thread in
// which bob writes as well.
func TestARateLimitedPersonIsToldOnceAndDelaysNobody(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"LIMIT_PER_USER": "5"}}, func(t *testing.T, w *town) {
		root := w.mention("start")
		want := []string{root}
		for i := range 12 {
			ts := w.reply(w.ann, root, fmt.Sprint("more ", i))
			if i < 4 {
				want = append(want, ts)
			}
		}
		bob := w.reply(w.bob, root, "and me")
		w.shows(bob, "white_check_mark")
		time.Sleep(2 * time.Minute)
		later := w.reply(w.ann, root, "and now")
		w.shows(later, "white_check_mark")
		w.wantReceived(append(want, bob, later)...)
		private := w.slack.Ephemerals(w.ann.ID)
		if len(private) != 1 || !strings.Contains(private[0].Text, "you've sent 5 messages in a minute") {
			t.Errorf("ann was told: %+v, want once", private)
		}
	})
}

// TestEditsCountTowardsTheLimit: old messages that are edited into mentions, and
// corrections, count when they are accepted.
func TestEditsCountTowardsTheLimit(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"LIMIT_PER_USER": "5"}}, func(t *testing.T, w *town) {
		var old []string
		for i := range 20 {
			old = append(old, w.slack.Say(w.ann.ID, w.dev.ID, fmt.Sprint("lunch ", i)))
		}
		time.Sleep(time.Hour)
		for i, ts := range old {
			w.slack.Edit(w.ann.ID, w.dev.ID, ts, fmt.Sprint("<@U0AGEN> do it ", i))
		}
		time.Sleep(2 * time.Minute)
		if got := len(w.agen.Sessions()); got != 5 {
			t.Errorf("sessions: got %d, want 5", got)
		}
	})
}

// TestCorrectionsCountTowardsTheLimit edits ann's message every 20 s.
func TestCorrectionsCountTowardsTheLimit(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"LIMIT_PER_USER": "2"}}, func(t *testing.T, w *town) {
		root := w.mention("start")
		w.shows(root, "white_check_mark")
		const edits = 12
		for i := range edits {
			w.slack.Edit(w.ann.ID, w.dev.ID, root, fmt.Sprint("<@U0AGEN> start again ", i))
			time.Sleep(20 * time.Second)
		}
		time.Sleep(time.Minute)
		// The edits take four minutes, and the mention itself counts too.
		if got := len(w.received(w.onlySession())) - 1; got < 6 || got > 9 {
			t.Errorf("corrections sent: %d of %d, want 6 to 9, two a minute", got, edits)
		}
		private := w.slack.Ephemerals(w.ann.ID)
		if len(private) != 1 || !strings.Contains(private[0].Text, "you've sent 2 messages in a minute") {
			t.Errorf("ann was told: %+v, want once", private)
		}
	})
}

// TestSessionsOfADayAreCountedAcrossARestart opens as many sessions as ann may open
// in a day, another one after a restart, and one the day after.
func TestSessionsOfADayAreCountedAcrossARestart(t *testing.T) {
	inBubble(t, plan{env: map[string]string{"LIMIT_SESSIONS_PER_USER": "3"}}, func(t *testing.T, w *town) {
		for i := range 3 {
			w.shows(w.mention(fmt.Sprint("task ", i)), "white_check_mark")
		}
		w.restart()
		w.connected()
		time.Sleep(time.Minute)
		w.mention("one more")
		time.Sleep(time.Minute)
		if got := len(w.agen.Sessions()); got != 3 {
			t.Errorf("sessions: got %d, want 3", got)
		}
		private := w.slack.Ephemerals(w.ann.ID)
		if len(private) != 1 || !strings.Contains(private[0].Text, "you've started 3 sessions in 24 hours, which is the limit") {
			t.Errorf("ann was told: %+v, want once", private)
		}
		byBob := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> mine")
		w.shows(byBob, "white_check_mark")
		time.Sleep(24 * time.Hour)
		w.shows(w.mention("a new day"), "white_check_mark")
	})
}
