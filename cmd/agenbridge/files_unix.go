//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreFileSizeSignal ignores SIGXFSZ, which would end the process. A write beyond
// the limit on file sizes then returns an error, as on a full disk.
func ignoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
