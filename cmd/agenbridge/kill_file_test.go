//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAStoreFileThatIsTakenAwayAcknowledgesNothing removes and replaces the file
// while the binary runs. Nothing is acknowledged, the probes and the log say why,
// and the bridge recovers by itself when the file is back.
func TestAStoreFileThatIsTakenAwayAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	for name, instead := range map[string][]byte{"removed": nil, "replaced": make([]byte, 64<<10)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newKillTown(t, binary(t), 120*time.Second)
			path := w.storeAt(t)
			base := w.probed()
			w.start()
			root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
			w.complain(w.settle(w.ctx))

			if err := os.Rename(path, path+".away"); err != nil {
				t.Fatal(err)
			}
			if instead != nil {
				if err := os.WriteFile(path, instead, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			late := w.say(w.bob, root, "and this", relayed)
			waitForOutput(t, &w.log, "store file was removed or replaced")
			waitForOutput(t, &w.log, "it is not acknowledged, so slack delivers it again")
			w.wantRed(base)
			w.until("it is delivered again", redelivered(w, late.ts))
			if w.slack.Acked(w.dev.ID, late.ts) || w.countOf(late.ts) != 0 {
				t.Error("a message that is in no file was acknowledged or sent")
			}

			if err := os.Rename(path+".away", path); err != nil {
				t.Fatal(err)
			}
			waitForOutput(t, &w.log, "store writes again")
			w.comesToRest()
		})
	}
}

// TestAStoreFileThatIsCutShortEndsTheBridge truncates the file while the binary
// runs. The binary ends with an error that names the file, doesn't write to the
// file, and doesn't start again with the rest of it.
func TestAStoreFileThatIsCutShortEndsTheBridge(t *testing.T) {
	t.Parallel()
	w := newKillTown(t, binary(t), 120*time.Second)
	path := w.storeAt(t)
	w.start()
	w.say(w.ann, "", "<@U0AGEN> start", relayed)
	w.complain(w.settle(w.ctx))

	left := int64(3 * os.Getpagesize())
	if err := os.Truncate(path, left); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"store file was damaged", "is missing"} {
		w.exits()
		if !strings.Contains(w.log.String(), "agenbridge: ") || !strings.Contains(w.log.String(), want) {
			t.Errorf("the log has no line with %q", want)
		}
		if strings.Contains(w.log.String(), "goroutine ") {
			t.Error("the binary crashed")
		}
		if info, err := os.Stat(path); err != nil || info.Size() != left {
			t.Errorf("the file was changed: %v, %v", info, err)
		}
		w.start()
	}
	w.exits()
}

// storeAt chooses the path of the binary's store and returns it.
func (w *killTown) storeAt(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "agenbridge.db")
	w.env = append(w.env, "STORE_URL=bolt:"+path)
	return path
}

// exits waits until the binary ends by itself, with status 1.
func (w *killTown) exits() {
	w.t.Helper()
	w.mu.Lock()
	c := w.running
	w.mu.Unlock()
	select {
	case <-c.ended:
	case <-w.ctx.Done():
		w.t.Fatal("the binary goes on")
	}
	if got := c.cmd.ProcessState.ExitCode(); got != exitError {
		w.t.Errorf("exit status: got %d, want %d", got, exitError)
	}
}
