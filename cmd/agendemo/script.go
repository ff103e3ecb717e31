package main

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// The default reactions.
const (
	queued     = "hourglass_flowing_sand"
	processing = "eyes"
	completed  = "white_check_mark"
	delayed    = "electric_plug"
	failed     = "warning"
)

// mention: a person brings the bot into an existing thread.
func mention(s *stage) {
	s.page.title("In #dev a thread is going on, and Ann brings Agen in.")
	s.start(0)
	s.say(s.ci, "TestLogin failed on main, for the third time this week.")
	s.say(s.bob, "It never fails on my machine.")
	ts := s.say(s.ann, "<@U0AGEN> please find out why and *fix it*")
	s.gets("the mention", func() bool { return s.times(ts) > 0 })
	s.shows(ts, processing, "👀 on Ann's message: the agent is on it. This is what it got:")
	if s.err == nil {
		s.page.quoted(strings.Split(s.events(ts)[0].Text(), "\n"))
	}
}

// busy: a reply while the agent is working, and changing statuses.
func busy(s *stage) {
	s.page.title("Bob replies while the agent is busy.")
	first := s.lineOf(s.ann.RealName)
	s.busy(true)
	second := s.say(s.bob, "And please add a test with a slow disk.")
	s.shows(second, queued, "⏳ on Bob's reply: it waits its turn.")
	s.note("The agent is done with Ann's task and takes Bob's.")
	s.becomes(first, agen.StatusCompleted)
	s.becomes(second, agen.StatusProcessing)
	s.busy(false)
	s.answers("`TestLogin` reads the clock twice; midnight may fall in between. **Fixed** on `fix/login`.", "midnight may fall")
	s.shows(first, completed, "✅ on Ann's message: dealt with.")
	s.shows(second, processing, "👀 on Bob's reply.")
}

// refusal: one message that Agen rejects, and one that the bridge refuses.
func refusal(s *stage) {
	s.page.title("Two messages are refused, one by Agen, one by the bridge: Kim is a guest.")
	if s.err != nil {
		return
	}
	s.agen.AddFault(agentest.Fault{
		Call: agentest.CallSend, Status: 422, Body: `{"message": "there is no environment named staging"}`,
	})
	ts := s.say(s.bob, "Try it with the staging environment, too.")
	s.shows(ts, failed, "⚠️ on Bob's message, and a note that says why:")
	s.reads("wasn't delivered")
	guest := s.say(s.kim, "Could the login page be pink?")
	s.sees("the private note", func() bool { return len(s.slack.Ephemerals(s.kim.ID)) > 0 })
	s.reads("Your message wasn't sent to the agent")
	if s.err == nil && len(s.slack.Reactions(s.dev.ID, guest)) == 0 {
		s.page.shown("No reaction on Kim's message: the agent did not get it.")
	}
}

// killed: SIGKILL after Agen has a message and before the bridge knows that.
func killed(s *stage) {
	s.page.title("The bridge is killed at the worst moment: Agen has the message, its answer is not out yet.")
	if s.err != nil {
		return
	}
	has, release := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo()
	once := sync.OnceFunc(func() { close(has) })
	s.agen.OnRequest(func(m agentest.Progress) {
		if m.Request.Call == agentest.CallSend && m.Stage == agentest.StageApplied {
			once()
			<-release
		}
	})
	ts := s.say(s.ann, "I have just made an environment named staging.")
	s.gets("the message", func() bool { return s.times(ts) > 0 })
	select {
	case <-has:
	case <-s.ctx.Done(): // whatever comes next says why
	}
	s.sees("the acknowledgement", func() bool { return s.slack.Acked(s.dev.ID, ts) })
	s.kill()
	letGo()
	s.agen.OnRequest(nil)
	s.note("Killed with SIGKILL. It is started again, with the same file.")
	s.start(0)
	s.shows(ts, processing, "👀 on Ann's message: the bridge looked into the session before it sent anything.")
	if n := s.times(ts); s.err == nil {
		s.page.shown("The session has it " + times(n) + ".")
	}
}

// outage: Agen is unreachable, and the bridge is killed once more.
func outage(s *stage) {
	s.page.title("Agen can't be reached. Bob and Ann write all the same, and the bridge is killed again.")
	if s.err != nil {
		return
	}
	s.agenSwitch.Close()
	one := s.say(s.bob, "How far are you?")
	two := s.say(s.ann, "Please hurry, the release is today.")
	for _, ts := range []string{one, two} {
		s.sees("the acknowledgement", func() bool { return s.slack.Acked(s.dev.ID, ts) })
	}
	// Don't kill it during an attempt to send: it would first have to find out
	// whether that one arrived, which takes ten seconds.
	s.pause(300 * time.Millisecond)
	s.kill()
	s.note("Killed. It is started again two minutes later: not that you have to wait, but its clock is " +
		"two minutes ahead from here on.")
	s.start(2 * time.Minute)
	s.shows(one, delayed, "🔌 on Bob's message,")
	s.shows(two, delayed, "🔌 on Ann's, and one note for both. The thread at this moment:")
	s.sees("the note", func() bool {
		return postWith(s.slack.RenderThread(s.dev.ID, s.root), "2 messages in this thread are waiting") != ""
	})
	if s.err == nil {
		s.page.gap()
		s.page.plain(s.slack.RenderThread(s.dev.ID, s.root))
	}
}

// recovery: Agen is reachable again, and the rejected message is sent again.
func recovery(s *stage) {
	s.page.title("Agen can be reached again, and Bob clicks “Try again” under the note about his message.")
	if s.err != nil {
		return
	}
	s.broke(s.agenSwitch.Open(s.ctx))
	late := s.lines[len(s.lines)-2:]
	for _, l := range late {
		s.shows(l.ts, processing, "👀 on "+l.who+"'s message: it went out by itself.")
	}
	s.reads("unreachable")
	s.click("wasn't delivered", "Try again")
	again := s.lines[slices.IndexFunc(s.lines, func(l line) bool { return strings.Contains(l.text, "staging environment") })]
	s.shows(again.ts, processing, "👀 on Bob's message.")
	s.note("The agent works through all of it.")
	for _, l := range s.lines {
		s.becomes(l.ts, agen.StatusCompleted)
	}
	for _, l := range s.lines {
		if !l.unheard {
			s.shows(l.ts, completed, "")
		}
	}
	s.tell("✅ on every message.")
	s.happens(agentest.Finished("all done"))
	s.happens(agentest.Event(agen.EventMergeRequestMerged, map[string]any{"title": "Fix the flaky login test", "target_branch": "main"}))
	s.reads("Merged:")
	s.sees("the card", func() bool { return strings.Contains(s.slack.RenderThread(s.dev.ID, s.root), "*Merged*") })
}

// note prints what the demo does, unless something has failed.
func (s *stage) note(text string) {
	if s.err == nil {
		s.page.note("(" + text + ")")
	}
}

// pause waits for d.
func (s *stage) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// lineOf returns the ts of the first message that the person sent since the
// mention.
func (s *stage) lineOf(who string) string {
	for _, l := range s.lines {
		if l.who == who {
			return l.ts
		}
	}
	return ""
}

// busy makes the agent busy or idle.
func (s *stage) busy(busy bool) {
	if s.err == nil {
		s.broke(s.agen.SetBusy(s.session(), busy))
	}
}

// click clicks, as Bob, a button of the post with the words.
func (s *stage) click(words, button string) {
	if s.err != nil {
		return
	}
	for _, m := range s.slack.Thread(s.dev.ID, s.root) {
		if m.BotID != "" && strings.Contains(m.Text, words) {
			s.broke(s.slack.Click(s.bob.ID, s.dev.ID, m.TS, button))
			return
		}
	}
}
