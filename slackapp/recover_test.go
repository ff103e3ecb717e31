package slackapp

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// fakeBackfillStore is one in memory.
type fakeBackfillStore struct{ mark string }

func (n *fakeBackfillStore) Swept(context.Context) (string, error) { return n.mark, nil }

func (n *fakeBackfillStore) SetSwept(_ context.Context, mark string) error {
	n.mark = mark
	return nil
}

func (n *fakeBackfillStore) Recent(context.Context, time.Duration, int) ([]bridge.ThreadKey, int, error) {
	return nil, 0, nil
}

// TestABugInWhatASweepFindsCostsThatMessage has the second of three messages,
// which no socket brings, hit a bug where it is taken on: in the caller's own
// code, and in the store's transaction.
func TestABugInWhatASweepFindsCostsThatMessage(t *testing.T) {
	for name, hit := range map[string]func() error{
		"panic":    func() error { panic("the text of somebody's message") },
		"decision": func() error { return fmt.Errorf("accept: %w", bridge.ClassPanic) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				sweeps := w.app.NewBackfill(w.inlet, &fakeBackfillStore{}, time.Hour)
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
				two := w.reply("two")
				bad = w.reply("three")
				last := w.reply("four")
				time.Sleep(7 * time.Minute)
				var heard []string // the sockets are replaced, and bring it all again
				for _, m := range w.inlet.messagesSeen() {
					heard = append(heard, m.TS)
				}
				if slices.Contains(heard, bad) || !slices.Contains(heard, two) || !slices.Contains(heard, last) {
					t.Errorf("heard %v, want all but %s, which hit the bug", heard, bad)
				}
				if w.watch.count("sweep panicked") == 0 || w.log.Has("somebody's") || !w.log.Has("hit a bug") {
					t.Errorf("counted %v\n%s", w.watch.counts, w.log)
				}
				time.Sleep(time.Hour)
				hits := w.watch.count("sweep panicked")
				time.Sleep(time.Hour)
				if n := w.watch.count("sweep panicked"); n != hits {
					t.Errorf("it hit the bug %d times, and then %d times more, want it left behind", hits, n-hits)
				}
				cancel()
				if err := <-swept; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
