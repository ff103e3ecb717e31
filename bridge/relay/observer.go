package relay

import (
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Observer counts what the relay does. Its methods are called from many
// goroutines and must not block.
type Observer interface {
	// StepDone reports one step: its kind, the class of its fault (empty if there was
	// none) and how long it took.
	StepDone(remote bridge.Remote, kind bridge.StepKind, fault bridge.FaultClass, took time.Duration)
	// Audited reports one line of the audit log.
	Audited(bridge.AuditEvent)
	// Received reports something that came in; ignored is the reason for which it was
	// ignored, or empty.
	Received(ignored string)
	// PanicCaught reports a panic that was caught, in a "step" or in a "decision".
	PanicCaught(where string)
}

// discardObserver counts nothing.
type discardObserver struct{}

func (discardObserver) StepDone(bridge.Remote, bridge.StepKind, bridge.FaultClass, time.Duration) {}

func (discardObserver) Audited(bridge.AuditEvent) {}

func (discardObserver) Received(string) {}

func (discardObserver) PanicCaught(string) {}
