package relay_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// check compares the state of the remotes with the promises.
func (s *sim) check() {
	state, err := s.store.Rows(context.Background(), simThread)
	if err != nil {
		s.breaks("rows: %v", err)
		return
	}
	s.checkRest(state)
	if session := state.Thread.Session; session.Closed && !s.agen.gone[session.ID] {
		s.breaks("session %s counts as gone", session.ID)
	}
	if s.restored {
		s.checkRestored(state)
		return
	}
	s.checkMessages(state)
	s.checkWords(state)
	s.checkPosts(state)
	s.checkAnswers(state)
}

// checkRestored checks a run in which an old copy of the store was restored. The copy
// doesn't know what was sent and posted later, or which session was opened. So something
// may be posted again, but no session has a message twice, and nothing is lost.
func (s *sim) checkRestored(state *bridge.ThreadState) {
	taken, anywhere := map[string]int{}, map[string]bool{}
	for _, e := range s.agen.events {
		anywhere[e.ClientID] = true
		at := e.ClientID + " of session " + e.SessionID
		if taken[at]++; taken[at] > 1 {
			s.breaks("%s is in the timeline %d times", at, taken[at])
		}
	}
	for id, m := range state.Messages {
		if m.State == bridge.StateDone && m.End == "" && !anywhere[id] {
			s.breaks("%s is done and in no timeline", id)
		}
		// The reaction of a correction is unknown if the store has lost the correction.
		corrected := m.CorrectionShows != "" || s.deleted[id] && s.said[id].Edited != ""
		if m.State == bridge.StateDone && m.Receipt != "" && m.End == "" && m.CorrectionOf == "" && !corrected && m.Status == agen.StatusCompleted {
			s.checkShown(id, bridge.DefaultReactions()[bridge.ReactionCompleted])
		}
	}
	for ts := range s.accepted {
		m, mine := state.Messages[ts], !state.Thread.Unbound() && ts >= state.Thread.StartTS
		if m == nil && mine && !anywhere[ts] && !s.deleted[ts] {
			s.breaks("%s was accepted and is not known", ts)
		}
	}
}

// checkRest checks that nothing is owed any more and no message text is kept.
func (s *sim) checkRest(state *bridge.ThreadState) {
	for id, m := range state.Messages {
		if m.State == bridge.StateReady || m.State == bridge.StateInFlight {
			s.breaks("%s is %s", id, m.State)
		}
		if m.Reaction.Open {
			s.breaks("the reaction on %s never comes to rest", id)
		}
		if m.Body != nil {
			s.breaks("%s is %s and its words are kept", id, m.State)
		}
	}
	for id, p := range state.Posts {
		if p.State == bridge.StateReady || p.State == bridge.StateInFlight {
			s.breaks("%s is %s", id, p.State)
		}
	}
}

// checkMessages checks that each accepted message is in the timeline exactly once or
// ended visibly, and that its reaction is right.
func (s *sim) checkMessages(state *bridge.ThreadState) {
	taken := map[string]int{}
	for _, e := range s.agen.events {
		taken[e.ClientID]++
	}
	for id, n := range taken {
		if n > 1 {
			s.breaks("%s is in the timeline %d times", id, n)
		}
	}
	emoji := bridge.DefaultReactions()
	for ts, m := range state.Messages { // including replies that were found in the thread
		if m.CorrectionOf == "" {
			s.accepted[ts] = true
		}
	}
	for _, ts := range slices.Sorted(maps.Keys(s.accepted)) {
		m := state.Messages[ts]
		if m == nil {
			s.breaks("%s was accepted and is not known", ts)
			continue
		}
		want := ""
		switch {
		case taken[ts] == 1 && m.State == bridge.StateDone && m.Status == agen.StatusCompleted:
			want = emoji[bridge.ReactionCompleted]
		case taken[ts] == 0 && m.State == bridge.StateDead && (s.rejects[ts] || m.Fault == bridge.ClassNotFound && len(s.agen.gone) > 0):
			want = emoji[bridge.ReactionFailed]
			if s.edits(ts, taken) {
				want = emoji[bridge.ReactionCompleted] // the correction's status shows on the message
			}
		case taken[ts] == 1 && m.State == bridge.StateDone && m.End == "" && s.agen.gone[s.agen.takenBy(ts)]:
			continue // the last status that could be read is kept
		case len(s.agen.gone) > 0 && (m.State == bridge.StateHeld || m.End == bridge.EndAbandoned || m.End == bridge.EndWithdrawn && s.deleted[ts]):
		case taken[ts] == 0 && m.State == bridge.StateDone && m.End == bridge.EndWithdrawn:
			if !s.deleted[ts] && !state.Thread.Unbound() && ts > state.Thread.StartTS {
				s.breaks("%s was withdrawn by nobody", ts)
			}
		case taken[ts] == 0 && m.State == bridge.StateDone && m.End == bridge.EndMistyped:
			if !s.deleted[ts] && len(s.said[ts].Options) == 0 {
				s.breaks("%s was mended and is not sent", ts)
			}
		case taken[ts] == 0 && m.State == bridge.StateHeld && m.Hold == bridge.HoldNoThread:
			// If the first message was deleted, this one was context.
			if !s.deleted[ts] && !state.Thread.Unbound() && ts > state.Thread.StartTS && taken[state.Thread.StartTS] > 0 {
				s.breaks("%s is of this thread again and was not sent", ts)
			}
		default:
			s.breaks("%s: %d times in the timeline, state %s %s %s", ts, taken[ts], m.State, m.End, m.Status)
		}
		if len(s.agen.gone) > 0 && (s.said[ts].Edited != "" || s.edits(ts, taken)) {
			continue // it shows a correction whose outcome may be unknown
		}
		s.checkShown(ts, want)
	}
}

// edits reports whether a correction of the message was sent.
func (s *sim) edits(ts string, taken map[string]int) bool {
	for id := range taken {
		if strings.HasPrefix(id, ts+":") {
			return true
		}
	}
	return false
}

// checkShown checks that a deleted message shows nothing.
func (s *sim) checkShown(ts, want string) {
	if s.deleted[ts] {
		return
	}
	for e, on := range s.slack.shown[ts] {
		if on && e != want {
			s.breaks("%s shows %s, want %q", ts, e, want)
		}
	}
	if want != "" && !s.slack.shown[ts][want] {
		s.breaks("%s does not show %s", ts, want)
	}
}

// checkWords checks that the session has the latest text of every message.
func (s *sim) checkWords(state *bridge.ThreadState) {
	if len(s.agen.gone) > 0 {
		return // the agent doesn't have messages that wait for a person
	}
	for ts, m := range s.said {
		if s.deleted[ts] || s.rejects[ts] || !s.accepted[ts] || state.Messages[ts] == nil || state.Messages[ts].End != "" || state.Messages[ts].State == bridge.StateHeld {
			continue
		}
		found := false
		for _, e := range s.agen.events {
			found = found || strings.Contains(string(e.Payload), strings.Trim(string(m.Body), `"`))
		}
		if !found {
			s.breaks("the session does not know the last words of %s (%s)", ts, m.Edited)
		}
	}
}

// checkAnswers checks that each message of the agent is in the thread once, with its
// latest text, and that messages that one read found share a post.
func (s *sim) checkAnswers(state *bridge.ThreadState) {
	s.checkAnswersInOrder()
	for _, e := range s.agen.answers {
		if e.SessionID != state.Thread.Session.ID {
			continue // it belongs to an unknown session, because the outcome of opening it was unsure
		}
		key := "say:" + e.ID + ":0"
		want := e.Text()
		if rec := state.Posts[key]; rec != nil && len(rec.Coalesced) > 0 {
			key, want = "say:"+rec.Coalesced[0]+":0", s.agen.words(rec.Coalesced)
		}
		var said []string
		for _, p := range s.slack.posts {
			if p.Key == key {
				said = append(said, p.Text)
			}
		}
		if s.agen.gone[e.SessionID] && len(said) <= 1 {
			continue // it, or its change, could not be read
		}
		if len(said) != 1 || said[0] != want {
			s.breaks("the agent said %q, the thread has %q", want, said)
		}
	}
}

// takenBy returns the session that has the message.
func (a *simAgen) takenBy(id string) string {
	for _, e := range a.events {
		if e.ClientID == id {
			return e.SessionID
		}
	}
	return ""
}

// words returns the present text of the agent's events.
func (a *simAgen) words(events []string) string {
	var words []string
	for _, id := range events {
		for _, e := range a.answers {
			if e.ID == id {
				words = append(words, e.Text())
			}
		}
	}
	return strings.Join(words, "\n\n")
}

// checkAnswersInOrder checks that the agent's messages are in the thread in the order in
// which the agent wrote them.
func (s *sim) checkAnswersInOrder() {
	place := map[string]int{}
	for i, e := range s.agen.answers {
		place[e.ID] = i + 1
	}
	last := 0
	for _, p := range s.slack.posts {
		id, _, _ := strings.Cut(strings.TrimPrefix(p.Key, "say:"), ":")
		if at := place[id]; at > 0 && at < last {
			s.breaks("%s stands below what the agent said after it", p.Key)
		} else if at > 0 {
			last = at
		}
	}
}

// checkPosts checks that each post was made once and has the right content.
func (s *sim) checkPosts(state *bridge.ThreadState) {
	said := map[string]int{}
	for _, p := range s.slack.posts {
		said[p.Key]++
		rec := state.Posts[p.Key]
		switch {
		case said[p.Key] > 1:
			s.breaks("%s was said twice", p.Key)
		case rec == nil:
			s.breaks("%s was said and is not known", p.Key)
		case rec.Withdrawn:
			s.breaks("%s was taken out and stands there", p.Key)
		case rec.Markdown && rec.Text != "":
			s.breaks("%s was said and its words are kept", p.Key)
		case rec.Note != nil && rec.Note.Reason != "":
			s.breaks("%s was said and the reason is kept", p.Key)
		case !rec.Markdown && !reflect.DeepEqual(rec.Note, withoutReason(p.Note)):
			s.breaks("%s says %+v, want %+v", p.Key, p.Note, rec.Note)
		}
	}
	for key, rec := range state.Posts {
		joined := len(rec.Coalesced) > 0 && key != "say:"+rec.Coalesced[0]+":0"
		unsure := rec.To != "" && rec.State == bridge.StateDone && rec.Receipt == "" // it can't be looked up
		if said[key] == 0 && !joined && !rec.Withdrawn && !unsure {
			s.breaks("%s is %s and was not said", key, rec.State)
		}
	}
}

// withoutReason returns what is kept of a note after it was posted.
func withoutReason(n *bridge.Note) *bridge.Note {
	if n == nil {
		return nil
	}
	kept := *n
	kept.Reason = ""
	return &kept
}
