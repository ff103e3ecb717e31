// Profiled is the daemon with profiling, which the real one has no way to switch
// on. When the daemon stops, the program writes the profile of its processor time
// to cpu.pprof in the working directory, and the memory in use to heap.pprof.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	cfg, err := daemon.Parse(daemon.Environ(os.Environ()))
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	cpu, err := os.Create("cpu.pprof")
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	if err := daemon.Run(ctx, cfg, daemon.Options{Version: "v0-profiled", Log: os.Stdout}); err != nil {
		return err
	}
	pprof.StopCPUProfile()
	if err := cpu.Close(); err != nil {
		return err
	}
	heap, err := os.Create("heap.pprof")
	if err != nil {
		return err
	}
	runtime.GC()
	if err := pprof.Lookup("allocs").WriteTo(heap, 0); err != nil {
		return err
	}
	return heap.Close()
}
