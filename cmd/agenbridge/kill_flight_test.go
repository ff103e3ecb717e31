//go:build unix

package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// flightKills returns the cases that happen while a send is in flight.
func flightKills() []killCase {
	return []killCase{
		{"SIGTERM, not applied, never answered", func(w *killTown) { w.termInFlight(false) }},
		{"SIGTERM, applied, never answered", func(w *killTown) { w.termInFlight(true) }},
		{"edit and new message in flight, lost", func(w *killTown) { w.changedInFlight(false, w.edited) }},
		{"edit and new message in flight, applied", func(w *killTown) { w.changedInFlight(true, w.edited) }},
		{"deletion and new message in flight, lost", func(w *killTown) {
			u := w.changedInFlight(false, w.takeBack)
			if got := w.countOf(u.ts); got != 0 {
				w.t.Errorf("a message that was deleted in time is there %d times", got)
			}
		}},
		{"deletion and new message in flight, applied", func(w *killTown) {
			u := w.changedInFlight(true, w.takeBack)
			if got := w.countOf(u.ts); got != 1 {
				w.t.Errorf("a message that had been sent is there %d times, want 1", got)
			}
		}},
		{"edit, deletion and new message in flight, lost", func(w *killTown) { w.changedInFlight(false, w.editedAndTaken) }},
		{"edit, deletion and new message in flight, applied", func(w *killTown) { w.changedInFlight(true, w.editedAndTaken) }},
		{"the answer says queued after the timeline said completed", func(w *killTown) { w.answerComesLate(false) }},
		{"the same, and killed at the answer", func(w *killTown) { w.answerComesLate(true) }},
		{"the answer comes when the timeline has been read", (*killTown).answerComesTooLate},
		{"an earlier message comes while a later one is composed", (*killTown).comesWhileComposing},
		{"a mention comes after a later one and its reply", (*killTown).mentionComesLate},
	}
}

// flight is a send that is blocked in flight.
type flight struct {
	w       *killTown
	under   chan struct{} // closed when the send has reached Agen
	land    func()        // lets the response go
	applied bool
}

// hold blocks the next send of a message with the words. If applied is set, it
// blocks after Agen has applied the send. Otherwise it blocks before that, and Agen
// never applies the send if the client disconnects meanwhile.
func (w *killTown) hold(words string, applied bool) *flight {
	f := &flight{w: w, under: make(chan struct{}), applied: applied}
	landed := make(chan struct{})
	f.land = sync.OnceFunc(func() { close(landed) })
	w.t.Cleanup(f.land) // must run before the server is closed, which waits for its requests
	stage := agentest.StageApplied
	if !applied {
		stage = agentest.StageReceived
		w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Hang: true, Match: func(r agentest.Request) bool {
			return strings.Contains(r.Message, words)
		}})
	}
	var once sync.Once
	w.agen.OnRequest(func(m agentest.Progress) {
		if m.Stage != stage || m.Request.Call != agentest.CallSend || !strings.Contains(m.Request.Message, words) {
			return
		}
		once.Do(func() {
			close(f.under)
			if applied {
				<-landed
			}
		})
	})
	return f
}

// wait waits until the send is in flight.
func (f *flight) wait() {
	f.w.t.Helper()
	select {
	case <-f.under:
	case <-f.w.ctx.Done():
		f.w.t.Fatal("nothing was sent")
	}
}

const heldUp = "this one is held up"

// termInFlight sends SIGTERM while a send has no response yet.
func (w *killTown) termInFlight(applied bool) {
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	f := w.hold(heldUp, applied)
	u := w.say(w.bob, root, heldUp, relayed)
	f.wait()
	after := w.say(w.ann, root, "and then", relayed)
	w.received(u.ts, after.ts)
	status, took := w.end(syscall.SIGTERM)
	if status != 0 || took > 10*time.Second {
		w.t.Errorf("it ended with status %d after %v, want 0 within 10 s\n%s", status, took, w.log.String())
	}
	f.land()
	w.start()
	w.comesToRest()
}

// changedInFlight changes a message and sends another one while the first is in
// flight, and then kills the binary.
func (w *killTown) changedInFlight(applied bool, change func(*utterance)) *utterance {
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	f := w.hold(heldUp, applied)
	u := w.say(w.bob, root, heldUp, relayed)
	f.wait()
	w.received(u.ts)
	change(u)
	next := w.say(w.ann, root, "and then", relayed)
	w.received(u.ts, next.ts)
	w.end(os.Kill)
	f.land()
	w.start()
	w.comesToRest()
	return u
}

func (w *killTown) edited(u *utterance) { w.edit(u, "in other words") }

func (w *killTown) editedAndTaken(u *utterance) {
	w.edit(u, "in other words")
	w.takeBack(u)
}

// answerComesLate: Agen accepts a message with the status "queued", and completes
// it before the response has been sent.
func (w *killTown) answerComesLate(killed bool) {
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	f := w.hold(heldUp, true)
	u := w.say(w.bob, root, heldUp, relayed)
	f.wait()
	w.until("the timeline says completed", func() bool {
		message, _, _ := w.find(u.ts)
		return message.Status == agen.StatusCompleted
	})
	if killed {
		back := w.strike(agenPoint(agentest.CallSend, agentest.StageEnded), 1)
		f.land()
		<-back
	}
	f.land()
	w.comesToRest()
}

// answerComesTooLate is the same, but the bridge has given up on the response and
// read the timeline.
func (w *killTown) answerComesTooLate() {
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	f := w.hold(heldUp, true)
	u := w.say(w.bob, root, heldUp, relayed)
	f.wait()
	w.until("the reaction tells what the timeline says", func() bool {
		return slices.Equal(w.slack.Reactions(w.dev.ID, u.ts), []string{"white_check_mark"})
	})
	f.land()
	w.comesToRest()
}

// comesWhileComposing: an earlier message arrives and is acknowledged while a later
// one of the thread is being composed. The earlier one has to be sent first.
func (w *killTown) comesWhileComposing() {
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	w.until("the session is used", func() bool { return w.countOf(root) == 1 })
	early, tell := w.sayUntold(w.ann, root, "first this")
	cleo := w.slack.AddUser(slacktest.User{Name: "cleo"})
	asked, told := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.slack.OnRequest(func(r slacktest.Request) {
		if r.Method == "users.info" && r.Args["user"] == cleo.ID {
			once.Do(func() { close(asked) })
			<-told
		}
	})
	late := w.say(cleo, root, "then this", relayed)
	select {
	case <-asked:
	case <-w.ctx.Done():
		w.t.Fatal("nobody asks who cleo is")
	}
	tell()
	w.received(early.ts)
	close(told)
	w.until("both are there", func() bool { return w.countOf(early.ts) == 1 && w.countOf(late.ts) == 1 })
	_, earlyAt, _ := w.find(early.ts)
	if _, lateAt, _ := w.find(late.ts); earlyAt > lateAt {
		w.t.Error("the later one was sent first, though the earlier one had been acknowledged")
	}
	w.comesToRest()
}

// find returns the message with the client id, its position in its session, and how
// many copies there are.
func (w *killTown) find(clientID string) (message agen.Event, at, count int) {
	for _, s := range w.agen.Sessions() {
		for i, e := range w.agen.Messages(s.ID) {
			if e.ClientID == clientID {
				message, at, count = e, i, count+1
			}
		}
	}
	return message, at, count
}

func (w *killTown) countOf(clientID string) int {
	_, _, count := w.find(clientID)
	return count
}

// mentionComesLate: a second mention starts the thread. The first mention and a
// reply to it arrive afterwards.
func (w *killTown) mentionComesLate() {
	w.start()
	first, tellFirst := w.sayUntold(w.ann, "", "<@U0AGEN> start")
	reply, tellReply := w.sayUntold(w.bob, first.root, "a detail")
	second := w.say(w.ann, first.root, "<@U0AGEN> and more", relayed)
	w.until("the second is there", func() bool { return w.countOf(second.ts) == 1 })
	tellReply()
	w.received(reply.ts)
	w.end(os.Kill)
	w.start()
	tellFirst()
	w.comesToRest()
}
