//go:build linux

package bench

import (
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// storm injects faults while people send messages.
type storm struct {
	s *soak
	// sockets is when the next socket fault is due, and turn selects it.
	sockets time.Time
	turn    int
	// deaf is when the socket that delivers no events is revived.
	deaf time.Time
	// outages are the remaining outages of Agen.
	outages []span
	down    *agentest.ActiveFault
	// injected and rules are the active faults, hits counts the requests that were
	// affected.
	injected []slacktest.Injected
	rules    []*agentest.ActiveFault
	hits     map[string]int
}

// span is a period of time.
type span struct{ from, to time.Time }

// outages are the parts of the run at which Agen goes down: for a minute if the run
// takes half an hour. The windows of the measurements begin some time after each.
var outages = []float64{0.05, 0.25, 0.45, 0.65, 0.85}

const outageLasts = 1.0 / 30

func newStorm(s *soak) storm {
	w := storm{s: s, sockets: time.Now(), hits: map[string]int{}}
	for _, at := range outages {
		if !s.judged && len(w.outages) > 0 {
			break // an outage any later would hit the last retries
		}
		w.outages = append(w.outages, span{s.at(at), s.at(at + outageLasts)})
	}
	w.spoilSlack()
	w.spoilEvents()
	w.spoilAgen()
	return w
}

// at converts a part of the run to a time.
func (s *soak) at(part float64) time.Time {
	return s.began.Add(time.Duration(part * float64(*soakFor)))
}

// spoilSlack injects faults in calls to Slack. Faults that leave the bridge unsure
// of a call that was not applied cost a minute or more of waiting, so only long
// runs have them.
func (w *storm) spoilSlack() {
	faults := []slacktest.Fault{
		{Kind: slacktest.RateLimited, Probability: 0.001, RetryAfter: 2 * time.Second},
		{Kind: slacktest.ServerError, Probability: 0.003},
		{Kind: slacktest.LoseAnswer, Probability: 0.004},
		{Kind: slacktest.CutBody, Probability: 0.001},
		{Kind: slacktest.GarbageAnswer, Probability: 0.001},
		{Kind: slacktest.Slow, Probability: 0.002, Delay: 2 * time.Second},
	}
	if w.s.judged {
		faults = append(faults,
			slacktest.Fault{Kind: slacktest.CutConnection, Probability: 0.001},
			slacktest.Fault{Kind: slacktest.ApplyLate, Probability: 0.001, Delay: 5 * time.Second},
			slacktest.Fault{Kind: slacktest.Hang, Probability: 0.0003},
			slacktest.Fault{Kind: slacktest.HangAnswer, Probability: 0.0003})
	} else {
		for i := range faults {
			faults[i].Match = func(r slacktest.Request) bool { return r.Method != "chat.postMessage" }
		}
		faults = append(faults, slacktest.Fault{Kind: slacktest.LoseAnswer, Probability: 0.01})
	}
	for _, f := range faults {
		f.Count, f.Probability = -1, f.Probability*w.s.mode.often
		w.injected = append(w.injected, w.s.slack.Inject(f))
	}
}

// spoilEvents injects faults in the delivery of events.
func (w *storm) spoilEvents() {
	for _, f := range []slacktest.EventFault{
		{Kind: slacktest.Doubled, Probability: 0.02},
		{Kind: slacktest.DropAcks, Probability: 0.02},
		{Kind: slacktest.Reordered, Probability: 0.02},
		{Kind: slacktest.Malformed, Probability: 0.005},
	} {
		f.Count, f.Probability = -1, f.Probability*w.s.mode.often
		w.s.slack.InjectEvent(f)
	}
}

// spoilAgen injects faults in calls to Agen.
func (w *storm) spoilAgen() {
	often := func(f agentest.Fault, probability float64) {
		f.Times, f.Probability = -1, probability*w.s.mode.often
		w.rules = append(w.rules, w.s.agen.AddFault(f))
	}
	often(agentest.RateLimit("", 2*time.Second), 0.0005)
	often(agentest.LoseAnswer(agentest.CallSend), 0.01)
	often(agentest.LoseAnswer(agentest.CallCreate), 0.02)
	often(agentest.Fail(agentest.CallEvents, 500), 0.005)
	often(agentest.Fail(agentest.CallCreate, 500), 0.01)
	often(agentest.Fault{Call: agentest.CallEvents, Answer: agentest.AnswerHalf}, 0.005)
	often(agentest.Fault{Call: agentest.CallEvents, Reorder: true}, 0.005)
	often(agentest.Fault{Call: agentest.CallSend, Delay: time.Second}, 0.005)
	if !w.s.judged {
		return
	}
	often(agentest.Fail(agentest.CallSend, 500), 0.001)
	often(agentest.BreakBefore(agentest.CallSend), 0.0005)
	often(agentest.Late(agentest.CallSend, 5*time.Second), 0.001)
	often(agentest.Hang(agentest.CallSend), 0.0003)
	often(agentest.Hang(agentest.CallEvents), 0.0003)
}

// blow starts and ends the faults that are due.
func (w *storm) blow() {
	now := time.Now()
	w.blowAgen(now)
	if !w.deaf.IsZero() && now.After(w.deaf) {
		w.deaf = time.Time{}
		w.s.slack.Revive(slacktest.Every)
	}
	if now.Before(w.sockets) {
		return
	}
	w.sockets = now.Add(max(2*time.Second, *soakFor/60))
	if open := w.s.slack.Sockets(); len(open) > 0 {
		w.spoilSocket(open[w.s.rng.IntN(len(open))].ID, now)
	}
}

// spoilSocket injects the next socket fault. A socket that stays open without
// delivering anything costs a minute, so only long runs have it.
func (w *storm) spoilSocket(id int, now time.Time) {
	slack := w.s.slack
	acts := []func(){
		func() { slack.Cut(id) },
		func() { slack.Disconnect(id, slacktest.Warning) },
		func() { slack.Hangup(id) },
		func() { slack.Disconnect(id, slacktest.RefreshRequested) },
	}
	if w.s.judged {
		acts = append(acts,
			func() { slack.Cut(slacktest.Every) },
			func() { slack.HalfOpen(id) },
			func() {
				slack.StopEvents(id)
				w.deaf = now.Add(5 * time.Second)
			})
	}
	acts[w.turn%len(acts)]()
	w.hits["of sockets"]++
	w.turn++
}

// blowAgen takes Agen down and brings it back. In every second outage Agen answers
// 503, in the others it breaks every connection.
func (w *storm) blowAgen(now time.Time) {
	switch {
	case len(w.outages) == 0:
	case w.down == nil && now.After(w.outages[0].from):
		w.clearAgen() // only the first matching rule applies
		f := agentest.BreakBefore("")
		switch {
		case !w.s.judged: // nobody is unsure of anything after that
			f = agentest.RateLimit("", time.Second)
		case len(w.outages)%2 == 0:
			f = agentest.Fail("", 503)
		}
		f.Times = -1
		w.down = w.s.agen.AddFault(f)
	case w.down != nil && now.After(w.outages[0].to):
		w.hits["in outages"] += w.down.Hits()
		w.clearAgen()
		w.spoilAgen()
		w.down, w.outages = nil, w.outages[1:]
	}
}

func (w *storm) clearAgen() {
	for _, r := range w.rules {
		w.hits["of Agen"] += r.Hits()
	}
	w.rules = nil
	w.s.agen.ClearFaults()
}

// calm removes all faults.
func (w *storm) calm() {
	for _, f := range w.injected {
		w.hits["of Slack"] += f.Hits()
	}
	w.injected, w.outages, w.down = nil, nil, nil
	w.clearAgen()
	w.s.slack.ClearFaults()
	w.s.slack.Revive(slacktest.Every)
}
