package webapi

import (
	"errors"
	"strconv"

	"github.com/agenbridge/agenbridge/agen/neterror"
	"github.com/agenbridge/agenbridge/bridge"
)

// ErrNotSlack says that a response isn't one that the API gives.
var ErrNotSlack = neterror.New("the response is not one of Slack's API")

var (
	errLimited = neterror.New("not called: Slack's rate limit is in force")
	errTooLong = neterror.New("the response is too long")
)

// errStatus is an HTTP status that the API doesn't use.
type errStatus int

func (e errStatus) Error() string { return "http status " + strconv.Itoa(int(e)) }

// errCode is an error code of Slack's.
type errCode string

func (e errCode) Error() string {
	if e == "" {
		return "refused without an error code"
	}
	return "refused: " + string(e)
}

// ErrorCode returns Slack's error code in err, or an empty string if err isn't a refusal of Slack's.
func ErrorCode(err error) string {
	var code errCode
	if errors.As(err, &code) {
		return string(code)
	}
	return ""
}

// FaultOf returns the Fault in err, or nil if there is none.
func FaultOf(err error) *bridge.Fault {
	var f *bridge.Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// AsFault makes sure that an error is a Fault. One that isn't happened before a request was made, such as a canceled
// wait, so it is ClassTemporary.
func AsFault(err error) error {
	if err == nil || FaultOf(err) != nil {
		return err
	}
	return &bridge.Fault{Class: bridge.ClassTemporary, Remote: bridge.ToSlack, Err: err}
}
