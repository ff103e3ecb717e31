package relay

import (
	"testing"
	"time"
)

func TestThoseWhoWaitToReadComeBackOneByOne(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	g := newThrottle(func() time.Time { return now }, 5)
	waits := map[time.Duration]int{}
	for range 25 {
		wait, ok := g.reserve(time.Time{})
		if ok {
			g.release()
			continue
		}
		waits[wait.Round(time.Millisecond)]++
	}
	if len(waits) != 20 {
		t.Fatalf("20 wait, for %d different times: %v", len(waits), waits)
	}
	for wait := range waits {
		now = time.Unix(1_700_000_000, 0).Add(wait)
		if again, ok := g.reserve(now); !ok {
			t.Errorf("who comes back after %s has to wait %s more", wait, again)
			continue
		}
		g.release()
	}
}

func TestNoMoreThanEightReadsAtOnce(t *testing.T) {
	g := newThrottle(time.Now, 1000)
	for range maxReads {
		if _, ok := g.reserve(time.Time{}); !ok {
			t.Fatal("refused too early")
		}
	}
	if _, ok := g.reserve(time.Time{}); ok {
		t.Error("a ninth one passes")
	}
	g.release()
	if _, ok := g.reserve(time.Time{}); !ok {
		t.Error("nobody follows who left")
	}
}
