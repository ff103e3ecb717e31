//go:build unix

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// settle waits until all promises are kept, or until one is broken for good, and
// returns what is wrong.
func (w *killTown) settle(ctx context.Context) []breach {
	var wrong []breach
	_ = w.wait(ctx, "rest", func() bool { // a timeout needs no report, because wrong says what is missing
		wrong = w.breaches()
		return len(wrong) == 0 || slices.ContainsFunc(wrong, func(b breach) bool { return b.final })
	})
	return wrong
}

// comesToRest waits until all promises are kept and nothing is pending. To make
// sure of the latter it sends one more message in each thread, which must be
// delivered after everything before it. Then it shuts the binary down gracefully
// and checks the promises again.
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

// picture describes the state of both servers, for failure messages.
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
