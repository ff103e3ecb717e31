package policy

import (
	"math/rand/v2"
	"slices"
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

func (w *world) status(id string, s agen.Status) {
	w.t.Helper()
	w.reads(timeline.Read{Ours: map[string]timeline.Entry{id: {Status: s}}})
}

func TestAStatusMovesTheReactionOn(t *testing.T) {
	w := bound(t)
	id := ts(1)
	for _, c := range []struct {
		status agen.Status
		want   []string
	}{
		{"queued", []string{"add_reaction hourglass_flowing_sand"}},
		{"processing", []string{"add_reaction eyes", "remove_reaction hourglass_flowing_sand"}},
		{"pondering", nil}, // unknown: shown as processing
		{"completed", []string{"add_reaction white_check_mark", "remove_reaction eyes"}},
	} {
		w.status(id, c.status)
		if diff := cmp.Diff(c.want, w.show(id)); diff != "" {
			t.Errorf("%s: %s", c.status, diff)
		}
	}
	if !w.row(id).Resting() {
		t.Error("it does not rest in the end")
	}
}

func TestAChangeOfMindStartsOver(t *testing.T) {
	w := bound(t)
	id := ts(1)
	w.show(id)
	w.status(id, "processing")
	w.do(w.policy.ReactionChanged(schedule.Step{Kind: bridge.StepAddReaction, ID: id, Emoji: "eyes"}, false)) // the hourglass is still there
	w.status(id, "queued")
	want := []string{"add_reaction hourglass_flowing_sand", "remove_reaction eyes"}
	if diff := cmp.Diff(want, w.show(id)); diff != "" {
		t.Error(diff)
	}
}

func TestAWishThatWasOpenAtARestartIsGoneOverOnceMore(t *testing.T) {
	w := bound(t)
	id := ts(1)
	w.show(id)
	w.status(id, "completed")
	w.at.Opening++
	if diff := cmp.Diff([]string{"add_reaction white_check_mark", "remove_reaction hourglass_flowing_sand"}, w.show(id)); diff != "" {
		t.Error(diff)
	}
	w.pass(time.Minute)
	if diff := cmp.Diff([]string{"add_reaction white_check_mark", "remove_reaction hourglass_flowing_sand"}, w.show(id)); diff != "" {
		t.Error("a minute later: ", diff)
	}
	if w.pass(time.Hour); len(w.show(id)) != 0 || !w.row(id).Resting() {
		t.Error("it is gone over for ever")
	}
}

func TestAReactionThatSlackRefusesIsGivenUp(t *testing.T) {
	w := bound(t)
	s, _ := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
	w.do(w.policy.ReactionFailed(s, &bridge.Fault{Class: bridge.ClassRejected}))
	if w.row(ts(1)).Reaction.Open {
		t.Error("it is tried for ever")
	}
}

// TestAMessageThatIsGoneCostsOneCall covers also the case that another process may have
// reacted to it.
func TestAMessageThatIsGoneCostsOneCall(t *testing.T) {
	for _, kind := range []bridge.StepKind{bridge.StepAddReaction, bridge.StepRemoveReaction} {
		w := bound(t)
		w.show(ts(1))
		w.status(ts(1), "processing")
		if kind == bridge.StepRemoveReaction {
			w.do(w.policy.ReactionChanged(schedule.Step{Kind: bridge.StepAddReaction, ID: ts(1), Emoji: "eyes"}, false))
		}
		s, _ := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
		if s.Kind != kind {
			t.Fatalf("the next call is %s, want %s", s.Kind, kind)
		}
		w.do(w.policy.ReactionFailed(s, &bridge.Fault{Class: bridge.ClassNotFound}))
		w.at.Opening++
		w.status(ts(1), "completed")
		w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
			w.policy.ReviewReactions(state, at)
			w.policy.Apply(state, at)
			return nil
		})
		if calls := w.show(ts(1)); len(calls) > 0 || !w.row(ts(1)).Resting() {
			t.Errorf("after a refused %s: %q", kind, calls)
		}
	}
}

func TestARateLimitSparesOnlyTheMethod(t *testing.T) {
	w := bound(t)
	w.show(ts(1))
	w.status(ts(1), "completed")
	w.do(w.policy.ReactionChanged(schedule.Step{Kind: bridge.StepAddReaction, ID: ts(1), Emoji: "white_check_mark"}, false))
	s, _ := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
	w.do(w.policy.ReactionFailed(s, &bridge.Fault{Class: bridge.ClassRateLimited, Wait: 30 * time.Second}))
	w.wantNext(bridge.ToSlack, "", "")
	w.hear(said(2, bridge.KindReply))
	w.sent(ts(2))
	w.wantNext(bridge.ToSlack, bridge.StepAddReaction, ts(2))
	w.pass(30 * time.Second)
	w.wantNext(bridge.ToSlack, bridge.StepRemoveReaction, ts(1))
}

// Whatever happens, and whenever a process is killed, in the end the message has exactly
// the desired reaction. The calls of a killed process are applied late.
func TestReactionsConverge(t *testing.T) {
	statuses := []agen.Status{"queued", "processing", "completed", "canceled", "queued", "odd"}
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := bound(t)
		id := ts(1)
		shown := map[string]bool{}
		var late []schedule.Step
		apply := func(s schedule.Step) { shown[s.Emoji] = s.Kind == bridge.StepAddReaction }
		for range 30 {
			switch rnd.IntN(6) {
			case 0:
				w.status(id, statuses[rnd.IntN(len(statuses))])
			case 3: // the connection broke during a call
				if s, ok := schedule.ReactionStep(&w.row(id).Reaction, id); ok && !s.Due.After(w.at.Now) {
					late = append(late, s)
					w.do(w.policy.ReactionFailed(s, &bridge.Fault{Class: bridge.ClassTemporary}))
				}
			case 1: // the process was killed during a call
				if s, ok := schedule.ReactionStep(&w.row(id).Reaction, id); ok && !s.Due.After(w.at.Now) {
					late = append(late, s)
				}
				w.at.Opening++
			case 2:
				w.pass(time.Duration(rnd.IntN(20)) * time.Second)
				for _, s := range late { // within the minute
					apply(s)
				}
				late = nil
			default:
				if s, ok := schedule.ReactionStep(&w.row(id).Reaction, id); ok && !s.Due.After(w.at.Now) {
					apply(s)
					w.do(w.policy.ReactionChanged(s, false))
				}
			}
		}
		for _, s := range late {
			apply(s)
		}
		for range 100 {
			s, ok := schedule.ReactionStep(&w.row(id).Reaction, id)
			if !ok {
				break
			}
			w.pass(max(0, s.Due.Sub(w.at.Now)))
			apply(s)
			w.do(w.policy.ReactionChanged(s, false))
		}
		var got []string
		for e, on := range shown {
			if on {
				got = append(got, e)
			}
		}
		slices.Sort(got)
		if want := []string{w.policy.Reactions[project.ReactionKind(w.row(id))]}; !slices.Equal(got, want) {
			t.Fatalf("seed %d: shown %v, want %v", seed, got, want)
		}
	}
}

// TestASessionThatGoesWithACorrection: the correction is no longer watched, so its status
// no longer shows on the message.
func TestASessionThatGoesWithACorrection(t *testing.T) {
	w := bound(t)
	id := ts(1)
	w.status(id, "completed")
	edit := said(1, bridge.KindMention)
	edit.Edited, edit.Digest = ts(5), 50
	w.hear(edit)
	w.pass(schedule.CorrectionQuiet)
	correction := id + ":" + ts(5)
	w.sent(correction)
	w.status(correction, "processing")
	if got := w.row(id).Reaction.Desired; got != "eyes" {
		t.Errorf("while its correction is worked on the message shows %q, want eyes", got)
	}
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
		w.policy.CloseSession(state, at)
		w.policy.Apply(state, at)
		return nil
	})
	if got := w.row(id).Reaction.Desired; got != "white_check_mark" {
		t.Errorf("when the session is gone the message shows %q, want white_check_mark", got)
	}
}

// TestABugInLookingAtReactionsCostsTheReaction: only the reaction is lost, not the whole
// thread.
func TestABugInLookingAtReactionsCostsTheReaction(t *testing.T) {
	w := bound(t)
	w.show(ts(1))
	w.do(func(state *bridge.ThreadState, at bridge.Instant) error {
		record.ReadAgain(&state.Messages[ts(1)].Reaction, at)
		state.Messages[ts(1)].Touch()
		return nil
	})
	w.wantNext(bridge.ToSlack, bridge.StepReadReactions, ts(1))
	s, _ := schedule.Next(w.rows, bridge.ToSlack, w.at.Now)
	w.do(w.policy.AfterPanic(s))
	if w.row(ts(1)).Reaction.Unknown {
		t.Error("it is looked at for ever")
	}
	w.hear(said(2, bridge.KindReply))
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
}

// TestAThreadThatStandsStillDoesNothing: no step is due, whatever the thread owes.
func TestAThreadThatStandsStillDoesNothing(t *testing.T) {
	w := bound(t)
	w.hear(said(2, bridge.KindReply))
	record.ReadAgain(&w.row(ts(1)).Reaction, w.at)
	w.do(w.policy.PauseAfterPanic())
	w.wantNext(bridge.ToAgen, "", "")
	w.wantNext(bridge.ToSlack, "", "")
	w.pass(unreadableFor)
	w.wantNext(bridge.ToSlack, bridge.StepReadReactions, ts(1))
}
