package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestADiskThatRunsFullLosesNothing runs the binary on a file system of its own
// that runs out of space (ENOSPC). What can't be stored is not acknowledged, and
// the probes and the log say why, also after a kill. When there is space again, the
// bridge recovers by itself.
func TestADiskThatRunsFullLosesNothing(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	w := newKillTown(t, binary(t), 120*time.Second)
	base := w.probed()
	w.env = append(w.env, "STORE_URL=bolt:"+filepath.Join(disk, "agenbridge.db"))
	w.start()
	root := w.say(w.ann, "", "<@U0AGEN> start", relayed).root
	w.complain(w.settle(w.ctx))

	ballast := fill(t, disk)
	// The message is too long for space in the file that was freed before.
	long := w.say(w.bob, root, strings.Repeat("and more ", 4000), relayed)
	waitForOutput(t, &w.log, "store can't write to its disk")
	waitForOutput(t, &w.log, "it is not acknowledged, so slack delivers it again")
	w.wantRed(base)
	if w.slack.Acked(w.dev.ID, long.ts) {
		t.Error("a message that is not on disk was acknowledged")
	}
	if n := w.countOf(long.ts); n != 0 {
		t.Errorf("a message that is not on disk was sent %d times", n)
	}

	w.end(os.Kill)
	w.start()
	w.until("it is delivered again", redelivered(w, long.ts))
	w.wantRed(base)

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.complain(w.settle(w.ctx))
	waitForOutput(t, &w.log, "store writes again")
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	if err := waitReady(ctx, base); err != nil {
		t.Error(err)
	}
	w.comesToRest()
}

// probed sets the probes' address for the binary and returns their base URL.
func (w *killTown) probed() string {
	w.t.Helper()
	l, err := freeListener()
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	w.env = append(w.env, "PROBE_ADDR="+l.Addr().String())
	return "http://" + l.Addr().String()
}

// wantRed waits until /readyz names the store as red, and wants /healthz to be
// green.
func (w *killTown) wantRed(base string) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := firstLine(w.ctx, base+"/readyz")
		if err != nil && strings.Contains(err.Error(), "503") && strings.Contains(err.Error(), `"store":`) {
			break
		}
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			w.t.Fatalf("/readyz does not name the store: %v", err)
		}
	}
	if got, err := firstLine(w.ctx, base+"/healthz"); err != nil {
		w.t.Errorf("/healthz depends on the disk: %s (%v)", got, err)
	}
}

// redelivered returns a condition: an event about the message was delivered again
// after this call.
func redelivered(w *killTown, ts string) func() bool {
	count := func() int {
		n := 0
		for _, d := range w.slack.Deliveries() {
			if d.TS == ts && d.Socket != 0 {
				n++
			}
		}
		return n
	}
	before := count()
	return func() bool { return count() > before }
}

// smallDisk mounts a file system of four megabytes for the test.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=0700")
	switch {
	case errors.Is(err, syscall.EPERM) && os.Getenv("CI") != "true":
		t.Skip("a small file system can only be mounted by root, with CAP_SYS_ADMIN")
	case err != nil:
		t.Fatalf("mount a small file system (as root, with CAP_SYS_ADMIN): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill uses up all the space that is left, and returns the file to remove.
func fill(t *testing.T, disk string) string {
	t.Helper()
	name := filepath.Join(disk, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 4096)); errors.Is(err, syscall.ENOSPC) {
			return name
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
