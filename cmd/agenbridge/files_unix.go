//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreFileSizeSignal makes exceeding the limit on the size of files an error of
// the write, like a full disk. SIGXFSZ would end the process.
func ignoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
