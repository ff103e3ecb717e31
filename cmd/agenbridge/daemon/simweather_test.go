package daemon_test

import (
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func (s *townSim) some(most int) time.Duration {
	return time.Duration(s.rnd.IntN(1000*most)+1) * time.Millisecond
}

func one[T any](s *townSim, of ...T) T { return of[s.rnd.IntN(len(of))] }

// turn injects a random fault.
func (s *townSim) turn() {
	switch s.rnd.IntN(8) {
	case 0:
		s.turnSockets()
	case 1:
		s.turnEvents()
	case 2:
		s.turnSlack()
	case 3, 4:
		s.turnAgen()
	case 5:
		s.turnDisk()
	default:
		writes, after := s.rnd.IntN(40)+1, s.rnd.IntN(2) == 0
		s.log("is killed in %d writes, the last of them leaves: %t", writes, after)
		s.life.strike(writes, after)
	}
}

// deafening is the first of the socket faults that deliver no events over a
// connection that seems healthy.
const deafening = 5

// mayMiss reports whether the daemon may miss events from Slack for some minutes
// now, and records that it does. Misses must be far apart: after a second one Slack
// would stop retrying the event of an edit, and no backfill reads that far back.
func (s *townSim) mayMiss() bool {
	if time.Since(s.unheard) < 15*time.Minute {
		return false
	}
	s.unheard = time.Now()
	return true
}

func (s *townSim) turnSockets() {
	n := s.rnd.IntN(7)
	if n >= deafening && !s.mayMiss() {
		return
	}
	s.log("sockets: %d", n)
	switch n {
	case 0:
		s.slack.Disconnect(slacktest.Every, slacktest.RefreshRequested)
	case 1:
		s.slack.Disconnect(slacktest.Every, slacktest.Warning)
	case 2:
		s.slack.Hangup(slacktest.Every)
	case 3:
		s.slack.Cut(slacktest.Every)
	case 4:
		s.slack.Disconnect(slacktest.Every, slacktest.LinkDisabled)
		s.slack.EnableLink()
	case deafening:
		s.slack.HalfOpen(slacktest.Every)
	default:
		s.slack.StopEvents(slacktest.Every)
		time.AfterFunc(2*time.Minute, func() { s.slack.Cut(slacktest.Every) })
	}
}

// turnEvents injects a fault in the delivery of events.
func (s *townSim) turnEvents() {
	f := slacktest.EventFault{
		Kind:  one(s, slacktest.Doubled, slacktest.Reordered, slacktest.DropAcks, slacktest.Malformed),
		Count: s.rnd.IntN(3) + 1, Delay: s.some(30), Acks: s.rnd.IntN(3) + 1,
	}
	s.log("events: %s, %d", f.Kind, f.Count)
	s.slack.InjectEvent(f)
}

// turnSlack injects a fault in calls to Slack. Only posts may be applied late or
// hang: no promise covers a reaction that is applied after the process was killed.
func (s *townSim) turnSlack() {
	f := slacktest.Fault{
		Kind: one(s, slacktest.RateLimited, slacktest.ServerError, slacktest.CutConnection, slacktest.ApplyLate, slacktest.Slow,
			slacktest.LoseAnswer, slacktest.HangAnswer, slacktest.Hang, slacktest.CutHeaders, slacktest.CutBody, slacktest.GarbageAnswer),
		Method: one(s, "", "chat.postMessage", "chat.update", "reactions.add", "reactions.remove", "conversations.replies", "users.info"),
		Count:  s.rnd.IntN(4) + 1, RetryAfter: s.some(60), Delay: s.some(20),
	}
	if f.Kind == slacktest.ApplyLate || f.Kind == slacktest.Hang {
		f.Method = "chat.postMessage"
	}
	s.log("slack: %s of %q, %d", f.Kind, f.Method, f.Count)
	rule := s.slack.Inject(f)
	s.hung = append(s.hung, func() { rule.Remove(); rule.Release() })
}

func (s *townSim) turnAgen() {
	send, all := agentest.CallSend, one(s, agentest.CallSend, agentest.CallEvents, agentest.CallCreate, "")
	f := one(s,
		agentest.LoseAnswer(send), agentest.BreakBefore(send), agentest.Late(send, s.some(50)), agentest.RateLimit(all, s.some(90)),
		agentest.Fail(all, 503), agentest.Fail(all, 500), agentest.Fail(all, 502), agentest.Hang(all), agentest.LoseAnswer(agentest.CallCreate),
		agentest.Fault{Call: agentest.CallEvents, Answer: agentest.AnswerHalf}, agentest.Fault{Call: send, Answer: agentest.AnswerHeaders},
		agentest.Fault{Call: agentest.CallEvents, Reorder: true}, agentest.Fault{Call: all, Delay: s.some(25)},
		agentest.Fault{Status: 503, Apply: agentest.ApplyNever, Times: -1},
	)
	if f.Times == 0 {
		f.Times = s.rnd.IntN(4) + 1
	}
	s.log("agen: %+v", f)
	rule := s.agen.AddFault(f)
	s.hung = append(s.hung, func() { rule.Remove(); rule.Release() })
	if f.Times < 0 { // an outage ends by itself
		time.AfterFunc(s.some(900), rule.Remove)
	}
}

// clear removes all faults.
func (s *townSim) clear() {
	select {
	case <-s.life.frozen:
		s.kill()
	default:
		s.life.strike(-1, false)
	}
	s.life.drag(nil)
	s.makeRoom()
	for _, end := range s.hung {
		end()
	}
	s.slack.ClearFaults()
	s.agen.ClearFaults()
	s.slack.EnableLink()
	s.slack.Revive(slacktest.Every)
	s.log("all faults are removed")
}
