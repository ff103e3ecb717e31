package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWhoWritesTooMuchIsToldOnceAndHoldsNobodyUp has ann flood a thread in
// which bob writes as well.
func TestWhoWritesTooMuchIsToldOnceAndHoldsNobodyUp(t *testing.T) {
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
		if len(private) != 1 || !strings.Contains(private[0].Text, "more than 5 messages in a minute") {
			t.Errorf("ann was told: %+v, want once", private)
		}
	})
}

// TestSessionsOfADayAreCountedAcrossARestart has ann open as many sessions as
// she may, and one more after a restart, and one the day after.
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
		if len(private) != 1 || !strings.Contains(private[0].Text, "you have started 3 sessions today, the limit") {
			t.Errorf("ann was told: %+v, want once", private)
		}
		byBob := w.slack.Say(w.bob.ID, w.dev.ID, "<@U0AGEN> mine")
		w.shows(byBob, "white_check_mark")
		time.Sleep(24 * time.Hour)
		w.shows(w.mention("a new day"), "white_check_mark")
	})
}
