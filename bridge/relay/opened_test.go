package relay_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// fullDisk is a store that can't store the outcomes of steps.
type fullDisk struct {
	bridge.Lanes
	full bool
}

func (d *fullDisk) Settle(ctx context.Context, c *bridge.Claim, decide bridge.Decision) error {
	if d.full {
		return errors.Join(errDisk, d.Lanes.Settle(ctx, c, nil))
	}
	return d.Lanes.Settle(ctx, c, decide)
}

// TestASessionThatCouldNotBeStoredCountsOnce: if the disk is full, a session is opened
// again and again, but its author has opened one and is not refused.
func TestASessionThatCouldNotBeStoredCountsOnce(t *testing.T) {
	s := newSim(t.TempDir(), 0)
	s.calm = true
	disk := &fullDisk{Lanes: s.store, full: true}
	s.relay = relay.New(relay.Config{
		Intake: s.store, Lanes: disk, Agen: s.agen, Slack: s.slack, Now: s.clock, Policy: policy.Policy{SessionsPerDay: 2},
	})
	ts := s.ts()
	s.said[ts] = bridge.Message{Thread: simThread, TS: ts, Author: "U1", Kind: bridge.KindMention, Body: []byte(`"hello"`)}
	if err := s.hear(s.said[ts]); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.step()
		s.pass(time.Second)
	}
	if s.agen.sessions < 3 {
		t.Fatalf("sessions: got %d, want more than the limit, or this shows nothing", s.agen.sessions)
	}
	disk.full = false
	s.settle()
	if s.agen.takenBy(ts) == "" {
		t.Errorf("the message was not sent\n%s", s.report())
	}
	if err := s.store.end(); err != nil {
		t.Error(err)
	}
}
