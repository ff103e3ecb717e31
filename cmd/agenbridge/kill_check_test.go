//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// breach is a promise that is not kept yet, or, if final is set, that can't be kept
// anymore.
type breach struct {
	what  string
	final bool
}

// ledger collects the records of both servers and checks the promises against them.
// All it knows about the bridge is the metadata on its posts.
type ledger struct {
	said     map[string]utterance // by ts
	order    []utterance
	places   map[string][]place // the copies that the sessions have, by client id
	sent     map[string]time.Time
	acked    map[string]time.Time
	sessions map[string][]string         // the sessions with messages of a thread, by its root
	answers  map[string][]string         // the agent's messages, by session
	opened   map[string]agentest.Request // the requests that opened a session which is still empty
	killed   []span
	breaches []breach
}

// place is the position of a message in a session.
type place struct {
	session string
	at      int
	event   agen.Event
}

// onTheWay is how long a request may take between the disk and a server. A later
// message may reach Agen up to this long after an earlier one was acknowledged,
// because its send may have been committed before that.
const onTheWay = 500 * time.Millisecond

// breaches returns which promises are not kept at the moment.
func (w *killTown) breaches() []breach {
	l := &ledger{said: map[string]utterance{}, order: w.utterances(), places: map[string][]place{}, sessions: map[string][]string{}, answers: map[string][]string{}}
	for _, u := range l.order {
		l.said[u.ts] = u
	}
	l.readAgen(w.agen)
	l.readSlack(w.slack.Server)
	w.mu.Lock()
	l.killed = slices.Clone(w.killed)
	w.mu.Unlock()
	l.checkSessions()
	for _, u := range l.order {
		l.checkMessage(u, w.slack.Acked(w.dev.ID, u.ts), w.slack.Reactions(w.dev.ID, u.ts))
	}
	l.checkOrder()
	for _, root := range w.roots() {
		l.checkPosts(root, w.posts(root))
		l.checkAnswers(root, w.posts(root))
	}
	l.checkPrivate(w.slack.Ephemerals(""))
	return l.breaches
}

func (l *ledger) never(format string, args ...any) {
	l.breaches = append(l.breaches, breach{fmt.Sprintf(format, args...), true})
}

func (l *ledger) notYet(format string, args ...any) {
	l.breaches = append(l.breaches, breach{fmt.Sprintf(format, args...), false})
}

func (l *ledger) readAgen(server *agentest.Server) {
	empty := map[string]bool{}
	for _, s := range server.Sessions() {
		messages := server.Messages(s.ID)
		empty[s.ID] = len(messages) == 0
		for _, e := range server.Timeline(s.ID) {
			if e.Type == agen.EventAgentMessage {
				l.answers[s.ID] = append(l.answers[s.ID], e.Text())
			}
		}
		for at, e := range messages {
			l.places[e.ClientID] = append(l.places[e.ClientID], place{s.ID, at, e})
			ts, _, _ := strings.Cut(e.ClientID, ":")
			u, known := l.said[ts]
			if !known {
				l.never("session %s has message %q that nobody said", s.ID, e.ClientID)
				continue
			}
			if !slices.Contains(l.sessions[u.root], s.ID) {
				l.sessions[u.root] = append(l.sessions[u.root], s.ID)
			}
		}
	}
	l.sent, l.opened = map[string]time.Time{}, map[string]agentest.Request{}
	for _, r := range server.Requests() {
		for _, id := range r.Applied {
			if empty[id] {
				l.opened[id] = r
			}
		}
		if r.Call == agentest.CallSend && len(r.Applied) > 0 {
			l.sent[r.ClientID] = r.Began
		}
	}
}

func (l *ledger) readSlack(server *slacktest.Server) {
	l.acked = map[string]time.Time{}
	for _, d := range server.Deliveries("message", "app_mention") {
		if first, known := l.acked[d.TS]; !d.AckedAt.IsZero() && (!known || d.AckedAt.Before(first)) {
			l.acked[d.TS] = d.AckedAt
		}
	}
}

// checkSessions wants one session for each thread and no session shared by two. An
// empty session may be left over if the process was killed while it was opened.
func (l *ledger) checkSessions() {
	roots := map[string]string{}
	for root, sessions := range l.sessions {
		if len(sessions) > 1 {
			l.never("thread %s has sessions %v, want one", root, sessions)
		}
		for _, s := range sessions {
			if other := roots[s]; other != "" {
				l.never("threads %s and %s share session %s", root, other, s)
			}
			roots[s] = root
		}
	}
	for id, r := range l.opened {
		if !slices.ContainsFunc(l.killed, func(s span) bool {
			return r.Began.Before(s.to.Add(onTheWay)) && (r.Ended.IsZero() || r.Ended.Add(onTheWay).After(s.from))
		}) {
			l.notYet("session %s is empty, and nothing was killed while it was opened", id)
		}
	}
}

// checkMessage wants the message to be acknowledged, in its session exactly once if
// it belongs there, and shown with the right reaction.
func (l *ledger) checkMessage(u utterance, acked bool, shown []string) {
	if !acked {
		l.notYet("%s is not acknowledged", u.ts)
	}
	versions := l.versions(u.ts)
	for _, p := range versions {
		if n := len(l.places[p.event.ClientID]); n > 1 {
			l.never("%s is there %d times", p.event.ClientID, n)
		}
	}
	want := []string{}
	switch u.fate {
	case relayed:
		want = l.checkRelayed(u, versions)
	case returned:
		want = []string{"warning"}
	case taken:
		return // its reactions were deleted with it
	case background, barred:
	}
	if u.fate != relayed && len(versions) > 0 {
		l.never("%s is %s and the agent has it", u.ts, u.fate)
	}
	if !slices.Equal(shown, want) {
		l.notYet("%s (%s) shows %v, want %v", u.ts, u.fate, shown, want)
	}
}

// versions returns a message and its corrections as the sessions have them, in
// order.
func (l *ledger) versions(ts string) []place {
	var all []place
	for id, places := range l.places {
		if id == ts || strings.HasPrefix(id, ts+":") {
			all = append(all, places...)
		}
	}
	slices.SortFunc(all, func(a, b place) int { return a.at - b.at })
	return all
}

// checkRelayed wants the agent to have the message, the newest text last, and to be
// done with it. It returns the reactions to expect.
func (l *ledger) checkRelayed(u utterance, versions []place) []string {
	if len(versions) == 0 {
		l.notYet("%s is not in a session", u.ts)
		return []string{}
	}
	if first := versions[0].event.ClientID; first != u.ts {
		l.never("%s is there before the message that it corrects", first)
	}
	last := versions[len(versions)-1].event
	if words := u.words[len(u.words)-1]; !strings.Contains(last.Text(), words) {
		l.notYet("the agent's last words of %s are %q, want %q", u.ts, last.Text(), words)
	}
	for _, p := range versions {
		if p.event.Status != agen.StatusCompleted {
			l.notYet("%s is %s", p.event.ClientID, p.event.Status)
		}
	}
	return []string{signs[last.Status]}
}

var signs = map[agen.Status]string{
	agen.StatusQueued: "hourglass_flowing_sand", agen.StatusProcessing: "eyes",
	agen.StatusCompleted: "white_check_mark", agen.StatusCanceled: "black_square_for_stop",
}

// checkOrder wants no message to be sent while an earlier one that the bridge had
// acknowledged was still waiting.
func (l *ledger) checkOrder() {
	for _, late := range l.order {
		for _, early := range l.order {
			if early.root != late.root || early.ts >= late.ts {
				continue
			}
			a, b := l.places[early.ts], l.places[late.ts]
			if len(a) != 1 || len(b) != 1 || a[0].at < b[0].at {
				continue
			}
			if acked := l.acked[early.ts]; !acked.IsZero() && acked.Add(onTheWay).Before(l.sent[late.ts]) {
				l.never("%s was sent before %s, which had been acknowledged %v earlier", late.ts, early.ts, l.sent[late.ts].Sub(acked))
			}
		}
	}
}

// checkPosts wants each post to be made once, and a note for each rejected message.
func (l *ledger) checkPosts(root string, posts []slacktest.Message) {
	keys := map[string]int{}
	noted := false
	for _, m := range posts {
		key := keyOf(m)
		keys[key]++
		if key == "" {
			l.never("post %s in %s has no metadata: %q", m.TS, root, m.Text)
		} else if keys[key] > 1 {
			l.never("%s was posted %d times in %s", key, keys[key], root)
		}
		noted = noted || strings.HasPrefix(key, "failed:")
	}
	wants := slices.ContainsFunc(l.order, func(u utterance) bool { return u.root == root && u.fate == returned })
	switch {
	case wants && !noted:
		l.notYet("nothing in %s tells of the message that was refused", root)
	case noted && !wants:
		l.never("thread %s has a note of a failure that was none", root)
	}
}

// checkAnswers wants each of the agent's messages in the thread exactly once and in
// order, and exactly one card.
func (l *ledger) checkAnswers(root string, posts []slacktest.Message) {
	cards, shown := 0, ""
	for _, m := range posts {
		if strings.HasPrefix(keyOf(m), "card:") {
			cards++
		}
		shown += "\n" + string(m.Sent)
	}
	for _, session := range l.sessions[root] {
		last := 0
		for _, text := range l.answers[session] {
			at := strings.Index(shown, text)
			switch n := strings.Count(shown, text); {
			case n > 1:
				l.never("the agent's %q stands in %s %d times", text, root, n)
			case n == 0:
				l.notYet("the agent's %q is not in %s", text, root)
			case at < last:
				l.never("the agent's %q stands in %s above what it said before", text, root)
			default:
				last = at
			}
		}
		if cards == 0 {
			l.notYet("thread %s has no card", root)
		}
	}
	if cards > 1 {
		l.never("thread %s has %d cards", root, cards)
	}
}

// checkPrivate wants a person who may not use the bot to be told so at most once a
// day in a thread.
func (l *ledger) checkPrivate(notes []slacktest.Ephemeral) {
	told := map[string]int{}
	for _, n := range notes {
		told[n.User+" "+n.ThreadTS+" "+n.At.UTC().Format(time.DateOnly)]++
	}
	for whom, n := range told {
		if n > 1 {
			l.never("%s was told %d times", whom, n)
		}
	}
}

// keyOf returns the key in the metadata of one of the bot's posts.
func keyOf(m slacktest.Message) string {
	var meta struct {
		EventType string `json:"event_type"`
		Payload   struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil || meta.EventType != "agenbridge_post" {
		return ""
	}
	return meta.Payload.Key
}
