package outcome

import (
	"testing"
	"time"
)

func TestPollInterval(t *testing.T) {
	for _, c := range []struct {
		silence time.Duration
		open    bool
		took    time.Duration
		want    time.Duration
	}{
		{0, true, 0, time.Second},
		{time.Minute, true, 0, 7500 * time.Millisecond},
		{time.Hour, true, 0, 20 * time.Second},
		{3 * time.Hour, true, 0, 10 * time.Minute},
		{time.Hour, false, 0, 450 * time.Second},
		{24 * time.Hour, false, 0, 10 * time.Minute},
		{50 * time.Hour, true, 0, time.Hour},
		{0, true, 2 * time.Second, 20 * time.Second},
	} {
		if got := pollInterval(c.silence, c.open, c.took); got != c.want {
			t.Errorf("pollInterval(%s, %t, %s): got %s, want %s", c.silence, c.open, c.took, got, c.want)
		}
	}
}
