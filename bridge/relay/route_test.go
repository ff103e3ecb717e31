package relay

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// The throttles of two keys are independent.
func TestOneRefusedKeyStopsOneRoute(t *testing.T) {
	epoch := time.Unix(1_700_000_000, 0)
	now := epoch
	r := New(Config{Now: func() time.Time { return now }, Routes: map[string]Route{"WEB": {}}})
	web := r.routes["WEB"]
	web.throttle.record(&bridge.Fault{Class: bridge.ClassUnauthorized})
	now = now.Add(30 * time.Second)
	web.throttle.record(&bridge.Fault{Class: bridge.ClassUnauthorized})
	if web.unavailable() == nil || r.routes[""].unavailable() != nil {
		t.Errorf("WEB: %v, default: %v", web.unavailable(), r.routes[""].unavailable())
	}
	if since, last := r.KeyRefused("WEB"); !since.Equal(epoch) || !last.Equal(now) {
		t.Errorf("refused since %s, last %s", since, last)
	}
	if since, _ := r.KeyRefused(""); !since.IsZero() {
		t.Error("the default key counts as refused")
	}
	web.throttle.record(&bridge.Fault{Class: bridge.ClassTemporary})
	now = now.Add(20 * time.Second)
	if got := r.AgenUnreachable(); got != 20*time.Second {
		t.Errorf("silent for %s, want 20 s", got)
	}
	if err := r.routes["GONE"].unavailable(); bridge.ClassOf(err) != bridge.ClassNoRoute {
		t.Errorf("a route that is not there: got %v", err)
	}
}
