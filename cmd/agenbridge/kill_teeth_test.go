//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// TestTheKillTestsNoticeABrokenPromise plants one bug at a time in the bridge (the
// files in testdata/kill), kills the binary at the critical moment, and wants the
// checks of the kill tests to find it.
func TestTheKillTestsNoticeABrokenPromise(t *testing.T) {
	t.Parallel()
	binary(t) // compiles the shared packages once, before the parallel builds
	for _, c := range []struct {
		mistake string
		kill    func(w *killTown, root string)
		finds   string
	}{
		{"acknowledged-before-stored", killedAt(ackPoint("message"), "and more"), "is not in a session"},
		{"sent-without-look-up", killedAt(agenPoint(agentest.CallSend, agentest.StageApplied), "and more"), "is there 2 times"},
		{"posted-without-look-up", killedAt(slackPoint("chat.postMessage", applied), refused), "was posted 2 times"},
		{"posted-without-look-up", killedAt(slackPoint("chat.postMessage", applied), "and more"), "stands in"},
		{"overtaking", (*killTown).overtake, "which had been acknowledged"},
		{"forgotten-reaction", (*killTown).restartWhileShown, "[hourglass_flowing_sand white_check_mark], want [white_check_mark]"},
	} {
		t.Run(c.mistake, func(t *testing.T) {
			t.Parallel()
			w := newKillTown(t, brokenBinary(t, c.mistake), 60*time.Second)
			w.start()
			root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
			w.complain(w.settle(w.ctx))
			c.kill(w, root)
			ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
			defer cancel()
			wrong := w.settle(ctx)
			if !slices.ContainsFunc(wrong, func(b breach) bool { return strings.Contains(b.what, c.finds) }) {
				t.Errorf("found %v, want one that %q", wrong, c.finds)
			}
		})
	}
}

// killedAt sends a message and kills the binary at a point that this leads to.
func killedAt(p point, text string) func(*killTown, string) {
	return func(w *killTown, root string) {
		back := w.strike(p, 1)
		f := relayed
		if text == refused {
			f = returned
		}
		w.say(w.bob, root, text, f)
		select {
		case <-back:
		case <-w.ctx.Done():
			w.t.Fatal("the point was not reached")
		}
	}
}

// overtake sends a second message while the first one is being retried.
func (w *killTown) overtake(root string) {
	later := w.agen.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 425, Times: -1, Match: func(r agentest.Request) bool {
		return strings.Contains(r.Message, heldUp)
	}})
	w.say(w.bob, root, heldUp, relayed)
	w.until("it is tried again", func() bool { return later.Hits() > 1 })
	second := w.say(w.ann, root, "and then", relayed)
	w.until("the second is there", func() bool { return w.countOf(second.ts) == 1 })
	later.Remove()
}

// restartWhileShown kills the binary a second or two after it has set the reaction
// of a queued message. It restarts the binary when the agent is done with the
// message.
func (w *killTown) restartWhileShown(root string) {
	session := w.agen.Sessions()[0].ID
	busy := func(is bool) {
		if err := w.agen.SetBusy(session, is); err != nil {
			w.t.Fatal(err)
		}
	}
	busy(true)
	u := w.say(w.bob, root, "and more", relayed)
	w.until("it shows that it waits", func() bool {
		return slices.Equal(w.slack.Reactions(w.dev.ID, u.ts), []string{"hourglass_flowing_sand"})
	})
	reads := w.agen.Count(agentest.CallEvents)
	w.until("that is stored", func() bool { return w.agen.Count(agentest.CallEvents) > reads+1 })
	w.end(os.Kill)
	busy(false)
	w.until("the agent is done", func() bool {
		message, _, _ := w.find(u.ts)
		return message.Status == agen.StatusCompleted
	})
	w.start()
}

// brokenBinary builds the binary with a planted bug.
func brokenBinary(t *testing.T, mistake string) string {
	t.Helper()
	overlay, _ := bridgetest.PlantFault(t, filepath.Join("..", ".."), filepath.Join("testdata", "kill", mistake+".txtar"))
	bin := filepath.Join(t.TempDir(), "agenbridge")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
		"-overlay", overlay, "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build with %s: %v\n%s", mistake, err, out)
	}
	return bin
}
