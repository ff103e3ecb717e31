package daemon_test

import (
	"os"
	"strings"
	"testing/synctest"
	"time"
)

// image is the content of the daemon's file, and when it was read by the daemon's
// clock.
type image struct {
	data []byte
	at   time.Time
}

// path returns the path of the daemon's file.
func (s *townSim) path() string { return strings.TrimPrefix(s.env["STORE_URL"], "bolt:") }

// read returns the file at a moment when nobody writes it: all goroutines are
// blocked.
func (s *townSim) read() image {
	synctest.Wait()
	data, err := os.ReadFile(s.path())
	if err != nil {
		s.t.Fatal(err)
	}
	return image{data, time.Now().Add(s.skew)}
}

// kill ends the daemon while all its goroutines are blocked, with the file as it
// is, and starts another: mostly soon and on that file, sometimes with another
// clock, or after more than an hour on an old copy of the file.
func (s *townSim) kill() {
	s.life.freeze()
	file := s.read()
	s.life.end()
	s.makeRoom() // needed because this process ends by a shutdown, which writes; a killed one would not
	s.stop()
	s.log("killed")
	switch n := s.rnd.IntN(6); {
	case n == 0 && s.restores && len(s.copies) > 0:
		file = s.restore()
	case n == 1:
		s.skew = one(s, 0, 10*time.Minute, 3*time.Hour)
		s.log("the clock is %v ahead", s.skew)
	default:
		s.pass(20)
	}
	if err := os.WriteFile(s.path(), file.data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.startLife()
}

// restore waits until a copy of the file is more than an hour old by the clock that
// wrote it, and returns it. By then Slack no longer retries events from before.
func (s *townSim) restore() image {
	old := s.copies[s.rnd.IntN(len(s.copies))]
	time.Sleep(max(0, time.Hour-time.Now().Add(s.skew).Sub(old.at)) + time.Second + s.some(3600))
	s.restored, s.unheard = time.Now(), time.Now()
	s.log("an old copy is put back, of %s by its clock", old.at.Format("15:04:05"))
	return old
}
