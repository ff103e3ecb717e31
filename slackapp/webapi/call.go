package webapi

import (
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/agen/neterror"
	"github.com/agenbridge/agenbridge/bridge"
)

// MethodOpen asks for the address of a Socket Mode connection
// (https://docs.slack.dev/reference/methods/apps.connections.open). It is called with the app token.
const MethodOpen = "apps.connections.open"

// MethodRespond answers a click at the response URL that came with it
// (https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
const MethodRespond = "response_url"

// Call is what classifying the outcome of a call depends on.
type Call struct {
	Method string
	// Channel is set for methods that Slack limits per channel.
	Channel string
	// NotIdempotent says that people would see it if the call were repeated. An unknown outcome is ClassUnsure then, and
	// ClassTemporary otherwise.
	NotIdempotent bool
}

// limitKey is what a 429 applies to.
func (c Call) limitKey() string { return c.Method + " " + c.Channel }

// Fault returns a Fault that names the method. Its text holds nothing but the method and err.
func (c Call) Fault(class bridge.FaultClass, reason string, wait time.Duration, err error) *bridge.Fault {
	return &bridge.Fault{Class: class, Remote: bridge.ToSlack, Reason: reason, Wait: wait, Err: fmt.Errorf("call %s: %w", c.Method, err)}
}

// UnknownOutcome returns the Fault of a call that may or may not have been applied.
func (c Call) UnknownOutcome(err error) *bridge.Fault { return c.unknown("", 0, err) }

func (c Call) unknown(reason string, wait time.Duration, err error) *bridge.Fault {
	if c.NotIdempotent {
		return c.Fault(bridge.ClassUnsure, reason, wait, err)
	}
	return c.Fault(bridge.ClassTemporary, reason, wait, err)
}

// Classify returns an error of slack-go as a Fault. An error that the Client did not make means that slack-go could not
// read a response that said ok:true.
func (c Call) Classify(err error) error {
	if err == nil || FaultOf(err) != nil {
		return err
	}
	return c.UnknownOutcome(neterror.Of(err))
}
