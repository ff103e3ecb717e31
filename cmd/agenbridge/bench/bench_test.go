//go:build linux

// Package bench measures the whole: the real binary as a process of its own,
// between both test servers, over real sockets and a real disk. Its processor
// time and its memory are its own; the servers run in the benchmark.
//
//	TMPDIR=<a folder on a real disk> go test ./cmd/agenbridge/bench -run '^$' -bench . -benchtime 5x -load 20s
//
// gives the figures of README.md in this folder. With -benchtime 1x it is a check: every
// message must come to its session exactly once and in order; figures are
// reported and never judged, for a busy machine would fail them.
//
// Beside it, under the same load and in turn with it, runs the yardstick:
// testdata/bare, the least that relays a mention and reacts to it.
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
