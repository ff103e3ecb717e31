//go:build linux

// Package bench measures the whole system: the real binary as a process of its
// own, between both test servers, over real sockets and a real disk. The servers
// run in the process of the benchmark, so the binary's processor time and memory
// are measured without them.
//
//	TMPDIR=<a folder on a real disk> go test ./cmd/agenbridge/bench -run '^$' -bench . -benchtime 5x -load 20s
//
// produces the measurements of README.md in this folder. With -benchtime 1x it is a
// check: every message must reach its session exactly once and in order. The
// measurements are reported only, because limits for them would fail on a busy
// machine.
//
// The baseline, testdata/bare, runs under the same load and in turn with the
// binary. It is the least that relays a mention and reacts to it.
package bench

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"
)

var (
	loadFor = flag.Duration("load", 3*time.Second, "how long messages are said in one round of BenchmarkLoad")
	rows    = flag.Int("rows", 1_000_000, "how many rows are at rest in the large store")
	given   = flag.String("binary", "", "an agenbridge to measure in place of the one that is built")
	profile = flag.String("profile", "", "a folder for profiles of the daemon under load, which is slower then")
)

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if workshop.dir, err = os.MkdirTemp("", "agenbridge-bench-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(workshop.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
