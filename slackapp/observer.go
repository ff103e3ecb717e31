package slackapp

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Observer is told what an operator may want to count. Its methods may be called from any goroutine and must not
// block. No argument ever holds what a person said.
type Observer interface {
	// Sockets tells how many of our sockets are up, whenever that changes.
	Sockets(up int)
	// Foreign tells with each hello of a socket how many others our app has open somewhere else: another process
	// with the same app token takes a share of the events.
	Foreign(sockets int)
	// Count counts something that happened. The label is one of a small set.
	Count(what Counter, label string)
	// Call tells of each Web API call. The class is empty when it succeeded.
	Call(method string, class bridge.FaultClass, took time.Duration)
}

// Counter is something that is counted.
type Counter string

// What is counted, and by which label.
const (
	// CounterEvent counts what came in over the sockets but for clicks, by outcome: an Outcome, or the reason for which
	// it was ignored.
	CounterEvent Counter = "event"
	// CounterClick counts clicks on our buttons, by outcome, reason or refusal.
	CounterClick Counter = "click"
	// CounterAck counts acknowledgements that did not go out, by what was in the way: "full", "timeout", "write".
	// Slack delivers those events again.
	CounterAck Counter = "ack_failed"
	// CounterFallback counts what Slack would not take the way it should be, and took in a simpler one: "markdown_block".
	CounterFallback Counter = "fallback"
	// CounterSocket counts Socket Mode connections: "opened" and "closed", each connection; "connect_failed", an attempt that
	// came to no hello; "unreadable", a frame; "too_large", a frame that cost its connection; and "replaced", a socket
	// whose connection was replaced because it may be deaf.
	CounterSocket Counter = "socket"
	// CounterBackfill counts what sweeps found: BackfillFound and the like.
	CounterBackfill Counter = "sweep"
)

// What sweeps come to.
const (
	// BackfillFound: a message, or an edit, that no socket had brought. BackfillMissed: one of those, though a socket was up
	// and there was nothing in the way.
	BackfillFound  = "found"
	BackfillMissed = "deaf"
	// BackfillFailed: a channel or a thread could not be read. BackfillSkipped: there was too much to read all of it.
	BackfillFailed  = "failed"
	BackfillSkipped = "left_out"
)

// Outcomes of what came in.
const (
	// OutcomeAccepted: it is on disk and was new.
	OutcomeAccepted = "accepted"
	// OutcomeFailed: it could not be stored; not acknowledged.
	OutcomeFailed = "failed"
	// OutcomeOverflow: too much is waiting for the disk already; not acknowledged.
	OutcomeOverflow = "overflow"
	// OutcomePanicked: it hit a bug; not acknowledged.
	OutcomePanicked = "panicked"
	// OutcomeUndecided: Slack did not tell in time whether the person may do that; not acknowledged.
	OutcomeUndecided = "undecided"
	// OutcomeStopped: the program is being stopped; not acknowledged.
	OutcomeStopped = "stopped"
)

type noObserver struct{}

func (noObserver) Sockets(int)                                   {}
func (noObserver) Foreign(int)                                   {}
func (noObserver) Count(Counter, string)                         {}
func (noObserver) Call(string, bridge.FaultClass, time.Duration) {}
