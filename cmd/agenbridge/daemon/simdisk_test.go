package daemon_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inProcess runs the simulation in a child process, and reports whether this is the
// child. The limit that simulates a full disk applies to everything that a process
// writes, and the process that go test started has to write its own files.
func inProcess(t *testing.T) bool {
	t.Helper()
	const mark = "AGENBRIDGE_TEST_SIMULATION"
	if os.Getenv(mark) != "" {
		signal.Ignore(syscall.SIGXFSZ) // a write over the limit then returns an error instead
		return true
	}
	args := []string{"-test.run=^" + t.Name() + "$", fmt.Sprintf("-sim.seed=%d", *simSeed), fmt.Sprintf("-sim.count=%d", *simCount)}
	if end, ok := t.Deadline(); ok { // early enough for the child to print where it was
		args = append(args, "-test.timeout="+max(time.Second, time.Until(end)-5*time.Second).String())
	}
	run := exec.CommandContext(t.Context(), os.Args[0], args...)
	run.Env = append(os.Environ(), mark+"=1")
	if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("the simulation: %v\n%s", err, out)
	}
	return false
}

// turnDisk simulates a full disk or a slow one.
func (s *townSim) turnDisk() {
	if s.rnd.IntN(2) == 0 {
		slow := make([]time.Duration, s.rnd.IntN(4)+1)
		for i := range slow {
			slow[i] = s.some(30)
		}
		s.log("the disk takes %v", slow)
		s.life.drag(slow)
		return
	}
	if !s.mayMiss() {
		return
	}
	limit, d := s.rnd.IntN(len(s.read().data)+1), s.some(120)
	s.log("the disk is full behind %d bytes for %v", limit, d)
	s.limitFiles(uint64(limit))
	time.AfterFunc(d, s.makeRoom)
}

// makeRoom ends the simulation of a full disk.
func (s *townSim) makeRoom() { s.limitFiles(s.files.Max) }

// limitFiles makes every write beyond so many bytes of a file fail, and cuts short
// a write that crosses that limit. A program can't tell this from a full disk.
func (s *townSim) limitFiles(bytes uint64) {
	limit := s.files
	limit.Cur = min(bytes, s.files.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		s.t.Error(err)
	}
}
