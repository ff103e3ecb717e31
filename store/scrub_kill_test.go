package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestScrubAndKills repeatedly kills a process that scrubs without a pause while rows are
// added and removed. The file stays intact, and everything that the process reported as
// written is there. A kill doesn't lose what was handed to the operating system, so the
// test doesn't have to wait for the disk.
func TestScrubAndKills(t *testing.T) {
	if path := os.Getenv("STORE_TEST_SCRUB"); path != "" {
		scrubUntilKilled(t, path)
		return
	}
	path := pathIn(t.TempDir())
	for round := range 8 {
		last := runAndKill(t, path, 15+25*round)
		check(t, path)
		s := open(t, Config{Path: path, Due: noneDue})
		for w, ts := range last {
			m := rowsOf(t, s, bridge.ThreadKey(w)).Messages[ts]
			if m == nil || !strings.Contains(string(m.Body), mark) && m.State != bridge.StateDone {
				t.Fatalf("round %d: message %s of %s was written and is not there as it was: %v", round, ts, w, m)
			}
		}
		if err := s.Scrub(t.Context()); err != nil {
			t.Errorf("scrub: %v", err)
		}
		s.Close()
		check(t, path)
	}
}

// runAndKill runs the process until it has written the given number of lines. It returns
// the last message of each thread that the process reported as written.
func runAndKill(t *testing.T, path string, lines int) map[string]string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestScrubAndKills$")
	cmd.Env = append(os.Environ(), "STORE_TEST_SCRUB="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	r := bufio.NewScanner(out)
	for n := 0; n < lines && r.Scan(); n++ {
		if thread, ts, ok := strings.Cut(r.Text(), " "); ok && strings.HasPrefix(thread, "T") {
			last[thread] = ts
		} else {
			t.Fatalf("the process said %q", r.Text())
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	return last
}

// scrubUntilKilled is the process that is killed.
func scrubUntilKilled(t *testing.T, path string) {
	s, err := Open(t.Context(), Config{Path: path, Due: noneDue, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	boot := s.opening.Boot
	var all sync.WaitGroup
	for w := range 3 {
		all.Go(func() {
			thread := bridge.ThreadKey(fmt.Sprint("T", w))
			for i := 0; ; i++ {
				ts := fmt.Sprintf("%d.%d", boot, i)
				decide(t, s, thread, said(ts, i*i*31%20_000))
				fmt.Printf("%s %s\n", thread, ts)
				if i > 2 {
					decide(t, s, thread, settled(fmt.Sprintf("%d.%d", boot, i-2)))
				}
			}
		})
	}
	for {
		if err := s.Scrub(context.Background()); err != nil {
			t.Errorf("scrub: %v", err)
		}
	}
}
