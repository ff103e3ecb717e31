package slackapp

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// notes is a ledger in memory.
type notes struct{ mark string }

func (n *notes) Swept(context.Context) (string, error) { return n.mark, nil }

func (n *notes) SetSwept(_ context.Context, mark string) error {
	n.mark = mark
	return nil
}

func (n *notes) Recent(context.Context, time.Duration, int) ([]bridge.ThreadKey, int, error) {
	return nil, 0, nil
}

// TestABugInWhatASweepFindsCostsThatMessage has the second of three messages,
// which no socket brings, hit a bug where it is taken on: in the caller's own
// code, and in the store's transaction.
func TestABugInWhatASweepFindsCostsThatMessage(t *testing.T) {
	for name, hit := range map[string]func() error{
		"panic":    func() error { panic("the text of somebody's message") },
		"decision": func() error { return fmt.Errorf("accept: %w", bridge.Broken) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				sweeps := w.app.NewSweeps(w.inlet, &notes{}, time.Hour)
				w.run(t)
				ctx, cancel := context.WithCancel(t.Context())
				swept := make(chan error)
				go func() { swept <- sweeps.Run(ctx) }()
				w.reply("one")
				time.Sleep(time.Minute)
				w.Deafen(slacktest.Every)
				bad := ""
				w.inlet.setBefore(func(ts string) error {
					if ts == bad {
						return hit()
					}
					return nil
				})
				w.reply("two")
				bad = w.reply("three")
				last := w.reply("four")
				time.Sleep(7 * time.Minute)
				heard := w.inlet.heard()
				if len(heard) != 3 || heard[2].TS != last {
					t.Errorf("heard %d messages, want all three but the one that hit the bug", len(heard))
				}
				if w.watch.count("sweep panicked") == 0 || w.log.has("somebody's") || !w.log.has("hit a bug") {
					t.Errorf("counted %v\n%s", w.watch.counts, w.log)
				}
				time.Sleep(time.Hour)
				if n := w.watch.count("sweep panicked"); n > 3 {
					t.Errorf("it hit the bug %d times in an hour, want it left behind", n)
				}
				cancel()
				if err := <-swept; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
