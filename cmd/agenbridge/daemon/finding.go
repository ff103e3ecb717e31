package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// Mark begins the line of a Finding.
type Mark string

// The marks. Only MarkError makes a check fail.
const (
	MarkOK      Mark = "✓"
	MarkWarning Mark = "!"
	MarkError   Mark = "✗"
)

// Finding is one result of Check.
type Finding struct {
	Mark Mark
	// What says what was found.
	What string
	// Do says how to fix it; empty if there is nothing to fix.
	Do string
}

// String returns one line: the mark, what was found, and after a colon what to do.
func (f Finding) String() string {
	line := string(f.Mark) + " " + strings.ReplaceAll(f.What, ": ", ", ")
	if f.Do != "" {
		line += ": " + f.Do
	}
	return line
}

// findings are the results of a check in the order in which a person would fix
// things.
type findings []Finding

func (all *findings) ok(format string, args ...any) {
	*all = append(*all, Finding{Mark: MarkOK, What: fmt.Sprintf(format, args...)})
}

func (all *findings) warn(what, do string) {
	*all = append(*all, Finding{Mark: MarkWarning, What: what, Do: do})
}

func (all *findings) bad(what, do string) {
	*all = append(*all, Finding{Mark: MarkError, What: what, Do: do})
}

// reason says in a few words why a credential could not be used.
func reason(err error) string {
	var f *bridge.Fault
	switch {
	case errors.As(err, &f) && f.Reason != "":
		return "is refused (" + f.Reason + ")"
	case errors.Is(err, bridge.ClassUnauthorized):
		return "is refused"
	default:
		return "could not be checked (" + err.Error() + ")"
	}
}

// remedy says what to do: fix the credential if it was refused, otherwise check
// the connection to the host in the variable address.
func remedy(err error, credential, address string) string {
	if errors.Is(err, bridge.ClassTemporary) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, agen.ClassTemporary) {
		return "check whether this machine can reach the host in " + address + " (HTTPS_PROXY is used), and try again"
	}
	if errors.Is(err, bridge.ClassRateLimited) || errors.Is(err, agen.ClassRateLimited) {
		return "wait a minute and try again"
	}
	return credential
}
