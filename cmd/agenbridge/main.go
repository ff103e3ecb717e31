package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// version is stamped by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once the first signal was taken, the next one ends the process at once.
	context.AfterFunc(ctx, stop)
	refuseLargeFiles()
	os.Exit(run(ctx, os.Args[1:], daemon.Environ(os.Environ()), os.Stdout, os.Stderr))
}
