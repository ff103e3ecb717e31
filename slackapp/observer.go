package slackapp

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Observer is told what operators may want to count. Its methods may be called from any goroutine and must not block. No
// argument ever holds the text of a message.
type Observer interface {
	// Sockets tells how many of our sockets are up, whenever that changes.
	Sockets(up int)
	// Foreign tells with each hello how many sockets of our app other processes have open. A process with the same app
	// token receives a share of the events.
	Foreign(sockets int)
	// Count increments a counter. The label is one of a small set.
	Count(what Counter, label string)
	// Call tells of each Web API call. The class is empty if it succeeded.
	Call(method string, class bridge.FaultClass, took time.Duration)
}

// CallKind says what it means for people if a call of the Web API fails.
type CallKind string

const (
	// CallWrite changes what people see in Slack.
	CallWrite CallKind = "write"
	// CallRead asks for something.
	CallRead CallKind = "read"
	// CallOther opens a socket or downloads a file, which has other reasons to fail.
	CallOther CallKind = "other"
)

// KindOf returns the kind of a call by its method.
func KindOf(method string) CallKind {
	switch method {
	case "chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "reactions.add", "reactions.remove":
		return CallWrite
	case webapi.MethodOpen, "file":
		return CallOther
	}
	return CallRead
}

// Counter names a counter.
type Counter string

// The counters and their labels.
const (
	// CounterEvent counts the events that the sockets brought, except clicks, by an Outcome or the reason to ignore it.
	CounterEvent Counter = "event"
	// CounterClick counts clicks on our buttons, by an Outcome, the reason to ignore it, or the refusal.
	CounterClick Counter = "click"
	// CounterAck counts acknowledgements that did not reach Slack, by one of socketmode's Ack constants. Slack delivers
	// those events again.
	CounterAck Counter = "ack_failed"
	// CounterFallback counts posts that Slack accepted only in a simpler form, by the name of the form that it
	// refused.
	CounterFallback Counter = "fallback"
	// CounterSocket counts what happens to Socket Mode connections, by one of socketmode's Event constants.
	CounterSocket Counter = "socket"
	// CounterBackfill counts what the backfill found, by one of the Backfill constants.
	CounterBackfill Counter = "backfill"
)

// Labels of CounterBackfill.
const (
	// BackfillFound is a message or an edit that no socket had brought. BackfillMissed is one of those that a socket should
	// have brought: one was up, and every event since then could be stored.
	BackfillFound  = "found"
	BackfillMissed = "missed"
	// BackfillFailed is a channel or thread that could not be read. BackfillSkipped is one with too much to read all of it.
	BackfillFailed  = "failed"
	BackfillSkipped = "skipped"
)

// Outcomes of an event. All but the first one are not acknowledged, so Slack delivers the event again.
const (
	// OutcomeAccepted: it was new and is stored.
	OutcomeAccepted = "accepted"
	// OutcomeFailed: it could not be stored.
	OutcomeFailed = "failed"
	// OutcomeOverflow: too many events were waiting for the disk.
	OutcomeOverflow = "overflow"
	// OutcomePanicked: it hit a bug.
	OutcomePanicked = "panicked"
	// OutcomeUndecided: Slack did not say in time whether the person may use the bot.
	OutcomeUndecided = "undecided"
	// OutcomeStopped: the program was stopping.
	OutcomeStopped = "stopped"
)

type noObserver struct{}

func (noObserver) Sockets(int)                                   {}
func (noObserver) Foreign(int)                                   {}
func (noObserver) Count(Counter, string)                         {}
func (noObserver) Call(string, bridge.FaultClass, time.Duration) {}
