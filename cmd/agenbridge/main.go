package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal starts the graceful shutdown; a second one ends the
	// process at once.
	context.AfterFunc(ctx, stop)
	ignoreFileSizeSignal()
	err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, message(err))
	}
	os.Exit(exitStatus(err))
}
