package main

import (
	"errors"
	"fmt"
)

// The exit statuses.
const (
	exitOK    = 0
	exitError = 1
	// exitUsage is for a wrong command line or configuration: the same call will
	// never succeed.
	exitUsage = 2
)

// usageError is a wrong command line or configuration.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// configError makes an error of daemon.Parse a usageError.
func configError(err error) error {
	return &usageError{fmt.Errorf("invalid configuration:\n%w", err)}
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
