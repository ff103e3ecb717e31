package daemon_test

import (
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// withoutSignal has a write beyond the limit of files fail instead of ending
// the process.
func withoutSignal(t *testing.T) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
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
