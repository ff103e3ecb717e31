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

// fakeBackfillStore is a BackfillStore in memory.
type fakeBackfillStore struct{ mark string }

func (n *fakeBackfillStore) Swept(context.Context) (string, error) { return n.mark, nil }

func (n *fakeBackfillStore) SetSwept(_ context.Context, mark string) error {
	n.mark = mark
	return nil
}

func (n *fakeBackfillStore) Recent(context.Context, time.Duration, int) ([]bridge.ThreadKey, int, error) {
	return nil, 0, nil
}

// In TestPanicInTheBackfillCostsOneMessage no socket brings three messages, and accepting the second one panics: in the
// caller's goroutine, or in the store's transaction.
func TestPanicInTheBackfillCostsOneMessage(t *testing.T) {
	for name, hit := range map[string]func() error{
		"panic":    func() error { panic("the text of somebody's message") },
		"decision": func() error { return fmt.Errorf("accept: %w", bridge.ClassPanic) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				backfill := w.app.NewBackfill(w.inlet, &fakeBackfillStore{}, time.Hour)
				w.run(t)
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- backfill.Run(ctx) }()
				w.reply("one")
				time.Sleep(time.Minute)
				w.StopEvents(slacktest.Every)
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
				var received []string // replacing the sockets has Slack deliver all of it again
				for _, m := range w.inlet.messagesSeen() {
					received = append(received, m.TS)
				}
				if slices.Contains(received, bad) || !slices.Contains(received, two) || !slices.Contains(received, last) {
					t.Errorf("received %v, want all but %s, which panics", received, bad)
				}
				if w.watch.count("backfill panicked") == 0 || w.log.Has("somebody's") || !w.log.Has("hit a bug") {
					t.Errorf("counted %v\n%s", w.watch.counts, w.log)
				}
				time.Sleep(time.Hour)
				hits := w.watch.count("backfill panicked")
				time.Sleep(time.Hour)
				if n := w.watch.count("backfill panicked"); n != hits {
					t.Errorf("it panicked %d times, and then %d times, want no further attempt", hits, n-hits)
				}
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
