//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// killPatience is how long a kill case may take. Most take some seconds. If a
// request was sent and never applied, the bridge waits for 70 s before it concludes
// that.
const killPatience = 150 * time.Second

// point is a moment that a test server can observe.
type point struct {
	name string
	// watch arranges that hit is called each time, on the goroutine of the request,
	// which blocks until hit returns.
	watch func(w *killTown, hit func())
}

// agenPoint is a stage of a call to Agen; of sends, only those that Agen accepts.
func agenPoint(call agentest.Call, stage agentest.Stage) point {
	return agenPointOf(call, stage, func(m string) bool { return !isRefused(m) })
}

// agenPointOf is like agenPoint, for messages that match fits.
func agenPointOf(call agentest.Call, stage agentest.Stage, fits func(message string) bool) point {
	return point{fmt.Sprintf("%s %s", call, stage), func(w *killTown, hit func()) {
		w.agen.OnRequest(func(m agentest.Progress) {
			if m.Stage == stage && m.Request.Call == call && fits(m.Request.Message) {
				hit()
			}
		})
	}}
}

// refusal is a stage of the send that Agen rejects.
func refusal(stage agentest.Stage) point {
	p := agenPointOf(agentest.CallSend, stage, isRefused)
	p.name += ", refused"
	return p
}

// lost turns a point into one of a request that is never applied.
func (p point) lost(fault agentest.Fault) point {
	return point{p.name + " and lost", func(w *killTown, hit func()) {
		w.agen.AddFault(fault)
		p.watch(w, hit)
	}}
}

// slackStage is the hook that observes requests to Slack at a stage.
type slackStage struct {
	name string
	set  func(*slacktest.Server, func(slacktest.Request))
}

var (
	requested = slackStage{"requested", (*slacktest.Server).OnRequest}
	applied   = slackStage{"applied", (*slacktest.Server).OnApplied}
	answered  = slackStage{"answered", (*slacktest.Server).OnAnswered}
)

func slackPoint(method string, stage slackStage) point {
	return point{method + " " + stage.name, func(w *killTown, hit func()) {
		stage.set(w.slack.Server, func(r slacktest.Request) {
			if r.Method == method {
				hit()
			}
		})
	}}
}

// ackPoint is the moment when Slack receives an acknowledgement.
func ackPoint(kind string) point {
	return point{kind + " acknowledged", func(w *killTown, hit func()) {
		w.slack.OnAck(func(a slacktest.Ack) {
			if a.Type == kind {
				hit()
			}
		})
	}}
}

// deliveryPoint is the moment when Slack has sent an event to the app, shortly
// before the acknowledgement.
func deliveryPoint(kind string) point {
	return point{kind + " delivered", func(w *killTown, hit func()) {
		go func() {
			ctx, cancel := context.WithCancel(w.ctx)
			defer cancel()
			for seen := 0; ; seen++ {
				if w.slack.Wait(ctx, "a delivery", func() bool { return len(w.slack.Deliveries(kind)) > seen }) != nil {
					return // the test is over
				}
				hit()
			}
		}()
	}}
}

// strike kills the binary when the point is reached for the nth time, and restarts
// it. Then it closes the returned channel.
func (w *killTown) strike(p point, n int) <-chan struct{} {
	back := make(chan struct{})
	var hits atomic.Int64
	p.watch(w, func() {
		if hits.Add(1) != int64(n) {
			return
		}
		w.end(os.Kill)
		go func() {
			w.start()
			close(back)
		}()
	})
	return back
}

// killCase is one way to kill the binary.
type killCase struct {
	name string
	run  func(*killTown)
}

func atPoint(p point, n int) killCase {
	return killCase{fmt.Sprintf("%s %d", p.name, n), func(w *killTown) {
		back := w.strike(p, n)
		w.start()
		w.converse()
		w.leaveNotes()
		select {
		case <-back:
		case <-w.ctx.Done():
			w.t.Fatal("the point was not reached")
		}
		w.comesToRest()
	}}
}

// slowKills returns the points after which the bridge can't find a message or a
// post.
func slowKills() []killCase {
	return []killCase{
		atPoint(refusal(agentest.StageReceived), 1),
		atPoint(refusal(agentest.StageEnded), 1),
		atPoint(agenPoint(agentest.CallSend, agentest.StageReceived).lost(agentest.Hang(agentest.CallSend)), 1),
		atPoint(point{"chat.postMessage requested and lost", func(w *killTown, hit func()) {
			w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Method: "chat.postMessage"})
			slackPoint("chat.postMessage", requested).watch(w, hit)
		}}, 1),
	}
}

func quickKills() []killCase {
	var cases []killCase
	at := func(p point, ns ...int) {
		for _, n := range ns {
			cases = append(cases, atPoint(p, n))
		}
	}
	at(agenPoint(agentest.CallCreate, agentest.StageReceived), 1)
	at(agenPoint(agentest.CallCreate, agentest.StageApplied), 1, 2)
	at(agenPoint(agentest.CallCreate, agentest.StageEnded), 1)
	at(agenPoint(agentest.CallSend, agentest.StageReceived), 1, 3)
	at(agenPoint(agentest.CallSend, agentest.StageApplied), 1, 2, 5)
	at(agenPoint(agentest.CallSend, agentest.StageEnded), 1, 4)
	at(agenPoint(agentest.CallEvents, agentest.StageReceived), 1)
	at(agenPoint(agentest.CallEvents, agentest.StageApplied), 2)
	at(agenPoint(agentest.CallEvents, agentest.StageEnded), 1, 3)
	for _, stage := range []slackStage{requested, applied, answered} {
		at(slackPoint("chat.postMessage", stage), 1, 3, 5)
		at(slackPoint("chat.update", stage), 1, 3)
		at(slackPoint("chat.postEphemeral", stage), 1)
		at(slackPoint("reactions.add", stage), 1, 4)
		at(slackPoint("reactions.remove", stage), 1, 2)
		at(slackPoint("conversations.replies", stage), 1)
		at(slackPoint("users.info", stage), 1, 2)
		at(slackPoint("apps.connections.open", stage), 1, 2)
	}
	at(ackPoint("message"), 1, 3, 6)
	at(ackPoint("app_mention"), 1, 2)
	at(ackPoint("block_actions"), 1)
	at(deliveryPoint("message"), 1, 3, 5, 8)
	at(deliveryPoint("app_mention"), 1, 2)
	at(deliveryPoint("block_actions"), 1)
	return cases
}

// TestKilledAtAnyPointNothingIsLostOrDoubled kills the binary with SIGKILL at every
// point that the two servers can observe, one case for each. The slow ones begin
// first. All of them mostly wait, so many run at once.
func TestKilledAtAnyPointNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	bin := binary(t)
	const atOnce = 24
	turn := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, c := range append(append(slowKills(), flightKills()...), quickKills()...) {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			t.Run(c.name, func(t *testing.T) { c.run(newKillTown(t, bin, killPatience)) })
		})
	}
	all.Wait()
}
