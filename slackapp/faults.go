package slackapp

import (
	"errors"

	"github.com/agenbridge/agenbridge/bridge"
)

// asFault makes sure that an error has a class. What has none yet happened on our side of the wire, before anything
// left: an interrupted wait.
func asFault(err error) error {
	if err == nil {
		return nil
	}
	var f *bridge.Fault
	if errors.As(err, &f) {
		return err
	}
	return &bridge.Fault{Class: bridge.ClassTemporary, Err: err}
}

// faultOf returns the Fault in err, nil when there is none.
func faultOf(err error) *bridge.Fault {
	var f *bridge.Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// codeOf returns Slack's error code in err, empty when it is none of Slack's.
func codeOf(err error) string {
	var code errCode
	if errors.As(err, &code) {
		return string(code)
	}
	return ""
}
