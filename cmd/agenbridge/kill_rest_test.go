//go:build unix

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// settle waits until all promises are kept, or until one can't be any more,
// and returns what is wrong.
func (w *killTown) settle(ctx context.Context) []breach {
	var wrong []breach
	_ = w.wait(ctx, "rest", func() bool { // that it did not come is told by what is wrong
		wrong = w.breaches()
		return len(wrong) == 0 || slices.ContainsFunc(wrong, func(b breach) bool { return b.final })
	})
	return wrong
}

// comesToRest waits until all promises are kept and nothing is owed any more:
// each thread gets a last word, and what is owed goes before it. Then it stops
// the binary in order.
func (w *killTown) comesToRest() {
	w.t.Helper()
	w.complain(w.settle(w.ctx))
	for _, root := range w.roots() {
		w.say(w.bob, root, "that is all", relayed)
	}
	w.complain(w.settle(w.ctx))
	w.stop()
	w.complain(w.breaches())
}

func (w *killTown) complain(wrong []breach) {
	w.t.Helper()
	for _, b := range wrong {
		w.t.Error(b.what)
	}
	if len(wrong) > 0 {
		w.t.FailNow()
	}
}

// picture is the state of both servers.
func (w *killTown) picture() string {
	var b strings.Builder
	for _, root := range w.roots() {
		fmt.Fprintf(&b, "thread %s\n%s", root, w.slack.RenderThread(w.dev.ID, root))
	}
	for _, u := range w.utterances() {
		fmt.Fprintf(&b, "%s %s in %s: %v\n", u.ts, u.fate, u.root, u.words)
	}
	for _, s := range w.agen.Sessions() {
		fmt.Fprintf(&b, "session %s\n", s.ID)
		for _, e := range w.agen.Timeline(s.ID) {
			fmt.Fprintf(&b, "  %s %s %s %s %.150q\n", e.ID, e.Type, e.Status, e.ClientID, e.Text())
		}
	}
	return b.String()
}
