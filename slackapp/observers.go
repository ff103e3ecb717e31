package slackapp

import (
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// callObserver passes on the outcome of the Web API's calls.
type callObserver struct {
	obs    Observer
	health *health
}

func (o callObserver) CallDone(method string, fault *bridge.Fault, took time.Duration) {
	class := bridge.FaultClass("")
	if fault != nil {
		class = fault.Class
	}
	o.obs.Call(method, class, took)
	o.health.noteCall(method, fault)
}

// socketObserver passes on what happens to the Socket Mode connections.
type socketObserver struct {
	obs     Observer
	backlog *atomic.Pointer[backlog]
}

func (o socketObserver) SocketsUp(up int) {
	o.obs.Sockets(up)
	o.backlog.Load().sockets(up)
}

func (o socketObserver) OtherConnections(count int) { o.obs.Foreign(count) }

func (o socketObserver) SocketEvent(event string) { o.obs.Count(CounterSocket, event) }

func (o socketObserver) AckFailed(cause string) { o.obs.Count(CounterAck, cause) }
