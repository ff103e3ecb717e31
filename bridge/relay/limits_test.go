package relay

import (
	"strconv"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge/policy"
)

func TestUsageIsForgottenWhenItIsOver(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	tally := &newLimits(&policy.Policy{MessagesPerMinute: 2}).messages
	for i, c := range []struct {
		after time.Duration
		full  bool
	}{{0, false}, {time.Second, false}, {2 * time.Second, true}, {59 * time.Second, true}, {60 * time.Second, false}, {2 * time.Hour, false}} {
		at := start.Add(c.after)
		if got := tally.full("U1", usage{at: at}); got != c.full {
			t.Errorf("%d: full %t, want %t", i, got, c.full)
		}
		if !c.full {
			tally.add("U1", usage{at.String(), at})
			tally.add("U1", usage{at.String(), at}) // it comes twice
		}
		if tally.full("U2", usage{at: at}) {
			t.Errorf("%d: somebody else is at the limit", i)
		}
	}
	if n := len(tally.done["U1"]); n != 1 {
		t.Errorf("times kept: got %d, want the last one", n)
	}
	none := &newLimits(&policy.Policy{}).messages
	for i := range 1000 {
		none.add("U1", usage{strconv.Itoa(i), start})
	}
	if none.full("U1", usage{at: start}) || len(none.done) != 0 {
		t.Error("without a limit somebody is at it, or is counted")
	}
}
