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

// fullDisk is a store that can't store the outcomes of steps. If marks is set, it can't
// store the marks before them either.
type fullDisk struct {
	bridge.Lanes
	full, marks bool
}

func (d *fullDisk) Begin(ctx context.Context, c *bridge.Claim, decide bridge.Decision) error {
	if d.full && d.marks {
		return errDisk
	}
	return d.Lanes.Begin(ctx, c, decide)
}

func (d *fullDisk) Settle(ctx context.Context, c *bridge.Claim, decide bridge.Decision) error {
	if d.full {
		return errors.Join(errDisk, d.Lanes.Settle(ctx, c, nil))
	}
	return d.Lanes.Settle(ctx, c, decide)
}

// TestAFullDiskOpensFewSessions: no session is opened if the mark before it can't be
// written. Otherwise sessions are opened with growing pauses. They count as one session
// of their author, who is not refused.
func TestAFullDiskOpensFewSessions(t *testing.T) {
	for _, c := range []struct {
		name      string
		marks     bool
		least, at int
	}{{"marks fail", true, 0, 0}, {"only outcomes fail", false, 3, 12}} {
		t.Run(c.name, func(t *testing.T) {
			s := newSim(t.TempDir(), 0)
			s.calm = true
			disk := &fullDisk{Lanes: s.store, full: true, marks: c.marks}
			var rules policy.Policy
			rules.SessionsPerDay = 2
			s.relay = relay.New(relay.Config{
				Intake: s.store, Lanes: disk, Agen: s.agen, Slack: s.slack, Now: s.clock, Policy: rules,
			})
			ts := s.ts()
			s.said[ts] = bridge.Message{Thread: simThread, TS: ts, Author: "U1", Kind: bridge.KindMention, Body: []byte(`"hello"`)}
			if err := s.hear(s.said[ts]); err != nil {
				t.Fatal(err)
			}
			for range 300 {
				s.step()
				s.pass(time.Second)
			}
			if n := s.agen.sessions; n < c.least || n > c.at {
				t.Errorf("in five minutes %d sessions were opened, want %d to %d", n, c.least, c.at)
			}
			disk.full = false
			s.settle()
			if s.agen.takenBy(ts) == "" {
				t.Errorf("the message was not sent\n%s", s.report())
			}
			if err := s.store.end(); err != nil {
				t.Error(err)
			}
		})
	}
}
