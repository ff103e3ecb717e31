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
		ok    bool
	}{{0, true}, {time.Second, true}, {2 * time.Second, false}, {59 * time.Second, false}, {60 * time.Second, true}, {2 * time.Hour, true}} {
		at := start.Add(c.after)
		one := usage{at.String(), at}
		if got, _ := tally.take("U1", one); got != c.ok {
			t.Errorf("%d: allowed %t, want %t", i, got, c.ok)
		}
		if got, _ := tally.take("U1", one); got != c.ok {
			t.Errorf("%d, once more: allowed %t, want %t", i, got, c.ok)
		}
		other := usage{"other", at}
		if ok, fresh := tally.take("U2", other); !ok || !fresh {
			t.Errorf("%d: somebody else is at the limit", i)
		}
		tally.release("U2", other)
	}
	if n := len(tally.done["U1"]); n != 1 {
		t.Errorf("times kept: got %d, want the last one", n)
	}
	none := &newLimits(&policy.Policy{}).messages
	for i := range 1000 {
		if ok, _ := none.take("U1", usage{strconv.Itoa(i), start}); !ok {
			t.Fatal("without a limit somebody is at it")
		}
	}
	if len(none.done) != 0 {
		t.Error("without a limit somebody is counted")
	}
}
