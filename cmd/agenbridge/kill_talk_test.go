//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// fate is what must happen to a message that a person sent.
type fate string

const (
	// relayed: the agent gets it exactly once.
	relayed fate = "relayed"
	// returned: Agen rejects it, and a note in the thread says so.
	returned fate = "returned"
	// background: it was sent before the mention, and is context only.
	background fate = "background"
	// barred: its author may not use the bot, and is told so.
	barred fate = "barred"
	// taken: its author deleted it. The agent gets it once or never.
	taken fate = "taken"
)

// utterance is a message that a person sent.
type utterance struct {
	root, ts string
	by       slacktest.User
	fate     fate
	// words has the text of each version, the newest last.
	words []string
}

// say sends a message in a thread, or starts a thread if root is empty.
func (w *killTown) say(by slacktest.User, root, text string, f fate, opts ...slacktest.SayOption) *utterance {
	w.t.Helper()
	if root != "" {
		opts = append(opts, slacktest.InThread(root))
	}
	// A number makes the text unique.
	w.mu.Lock()
	text = fmt.Sprintf("%s, no. %d.", text, len(w.said))
	w.mu.Unlock()
	u := &utterance{root: root, ts: w.slack.Say(by.ID, w.dev.ID, text, opts...), by: by, fate: f}
	u.words = []string{strings.TrimPrefix(text, "<@U0AGEN> ")}
	if root == "" {
		u.root = u.ts
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, u)
	return u
}

// sayUntold sends a message whose event Slack delivers only when tell is called.
func (w *killTown) sayUntold(by slacktest.User, root, text string) (u *utterance, tell func()) {
	w.t.Helper()
	u = w.say(by, root, text, relayed, slacktest.WithoutEvents())
	event := map[string]any{
		"type": "message", "channel": w.dev.ID, "channel_type": "channel", "user": by.ID, "team": "T0ACME",
		"ts": u.ts, "event_ts": u.ts, "text": u.words[0],
	}
	if root != "" {
		event["thread_ts"] = root
	}
	if strings.HasPrefix(text, "<@U0AGEN> ") {
		event["type"], event["text"] = "app_mention", "<@U0AGEN> "+u.words[0]
	}
	return u, func() {
		w.t.Helper()
		if err := w.slack.SendEvent(w.dev.ID, event); err != nil {
			w.t.Fatal(err)
		}
	}
}

// edit changes the text of a message.
func (w *killTown) edit(u *utterance, text string) {
	w.t.Helper()
	text = fmt.Sprintf("%s, instead of no. %d of %s.", text, len(u.words), u.ts)
	full := text
	if m, _ := w.slack.Message(w.dev.ID, u.ts); strings.HasPrefix(m.Text, "<@U0AGEN>") {
		full = "<@U0AGEN> " + text
	}
	w.slack.Edit(u.by.ID, w.dev.ID, u.ts, full)
	w.mu.Lock()
	defer w.mu.Unlock()
	u.words = append(slices.Clone(u.words), text)
}

// takeBack deletes a message.
func (w *killTown) takeBack(u *utterance) {
	w.t.Helper()
	w.slack.Delete(u.by.ID, w.dev.ID, u.ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	u.fate = taken
}

// utterances returns copies of all messages.
func (w *killTown) utterances() []utterance {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]utterance, len(w.said))
	for i, u := range w.said {
		all[i] = *u
	}
	return all
}

// roots returns the threads in the order in which they began.
func (w *killTown) roots() []string {
	var roots []string
	for _, u := range w.utterances() {
		if !slices.Contains(roots, u.root) {
			roots = append(roots, u.root)
		}
	}
	return roots
}

// converse plays the conversation that the kill cases interrupt: two threads, one
// of which has a message before the mention, two people, a guest, and a message
// that Agen rejects.
func (w *killTown) converse() {
	w.t.Helper()
	alert := w.say(w.bob, "", "build 812 failed", background).root
	w.say(w.ann, alert, "again?", background)
	w.say(w.ann, alert, "<@U0AGEN> please look into it", relayed)
	other := w.say(w.bob, "", "<@U0AGEN> fix the login test", relayed).root
	w.say(w.bob, alert, "it began yesterday", relayed)
	w.say(w.ann, other, "the one in Firefox", relayed)
	w.say(w.gil, other, "mine a coin", barred)
	w.say(w.ann, alert, refused, returned)
	w.say(w.bob, alert, "since the upgrade", relayed)
	w.say(w.bob, other, "and only there", relayed)
}

// leaveNotes makes ann click "Leave it" under every note about a rejected message.
// Slack sends a click only once, so she clicks again if it had no effect.
func (w *killTown) leaveNotes() {
	w.t.Helper()
	for _, u := range w.utterances() {
		if u.fate == returned {
			w.leaveNote(u.root)
		}
	}
}

func (w *killTown) leaveNote(root string) {
	w.t.Helper()
	var note slacktest.Message
	w.until("a note about what was refused", func() bool {
		for _, m := range w.posts(root) {
			if strings.HasPrefix(keyOf(m), "failed:") {
				note = m
			}
		}
		return note.TS != ""
	})
	left := func() bool {
		m, _ := w.slack.Message(w.dev.ID, note.TS)
		return strings.Contains(m.Text, "Dismissed by")
	}
	for !left() {
		sockets := func() int { return len(w.slack.AllSockets()) }
		before := sockets()
		w.until("a socket", func() bool { return len(w.slack.Sockets()) > 0 })
		if err := w.slack.Server.Click(w.ann.ID, w.dev.ID, note.TS, "leave"); err != nil {
			continue // the button or the socket is gone: the loop checks for that
		}
		w.until("the note is left", func() bool { return left() || sockets() > before })
	}
}

// posts returns the bot's posts in a thread.
func (w *killTown) posts(root string) []slacktest.Message {
	return slices.DeleteFunc(w.slack.Thread(w.dev.ID, root), func(m slacktest.Message) bool { return m.User != "U0AGEN" })
}
