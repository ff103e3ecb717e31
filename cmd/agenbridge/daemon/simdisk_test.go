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

// inProcess runs the simulation in a process of its own, and reports whether this
// is that process: the disk of a process is full for all that it writes, and go
// test has this one write what it needs.
func inProcess(t *testing.T) bool {
	t.Helper()
	const mark = "AGENBRIDGE_TEST_SIMULATION"
	if os.Getenv(mark) != "" {
		signal.Ignore(syscall.SIGXFSZ) // such a write is to fail instead
		return true
	}
	args := []string{"-test.run=^" + t.Name() + "$", fmt.Sprintf("-sim.seed=%d", *simSeed), fmt.Sprintf("-sim.count=%d", *simCount)}
	if end, ok := t.Deadline(); ok { // in time to say where it was
		args = append(args, "-test.timeout="+max(time.Second, time.Until(end)-5*time.Second).String())
	}
	run := exec.CommandContext(t.Context(), os.Args[0], args...)
	run.Env = append(os.Environ(), mark+"=1")
	if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("the simulation: %v\n%s", err, out)
	}
	return false
}

// turnDisk fills the disk, or slows it down.
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

// makeRoom ends what turnDisk began.
func (s *townSim) makeRoom() { s.limitFiles(s.files.Max) }

// limitFiles has every write behind so many bytes of a file fail, and those that
// begin before break off there, which is what a full disk is to a program.
func (s *townSim) limitFiles(bytes uint64) {
	limit := s.files
	limit.Cur = min(bytes, s.files.Max)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		s.t.Error(err)
	}
}
