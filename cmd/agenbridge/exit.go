package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// The exit statuses.
const (
	exitOK    = 0
	exitError = 1
	// exitUsage is for a wrong command line or configuration. The same call will
	// never succeed.
	exitUsage = 2
)

// usageError is a wrong command line or configuration.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// configError wraps an error of daemon.Parse as a usageError.
func configError(err error) error {
	return &usageError{fmt.Errorf("the configuration is invalid, %w", err)}
}

// message formats an error for a person: the source of the error, a colon, and the
// rest. The colons between wrapped errors become commas. The problems of a
// configuration follow on lines of their own, each of which begins with the
// variable.
func message(err error) string {
	var problems daemon.Problems
	if errors.As(err, &problems) {
		return "agenbridge: the configuration is invalid\n" + problems.Error()
	}
	return "agenbridge: " + strings.ReplaceAll(err.Error(), ": ", ", ")
}

func exitStatus(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitError
	}
}
