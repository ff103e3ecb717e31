//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// refuseLargeFiles makes a limit on the size of files what a full disk is: an
// error of the write. As a signal it would end the process.
func refuseLargeFiles() { signal.Ignore(syscall.SIGXFSZ) }
