//go:build unix

package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestABackupThatIsPutBackDoublesNothing makes a backup under load with the
// command, lets the conversation continue, kills the binary and restarts it on the
// backup, with the same servers. The bridge has to find out what was done after the
// backup.
func TestABackupThatIsPutBackDoublesNothing(t *testing.T) {
	t.Parallel()
	w := newKillTown(t, binary(t), 240*time.Second)
	admin, err := freeListener()
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Close(); err != nil {
		t.Fatal(err)
	}
	base := w.probed()
	w.env = append(w.env, "ADMIN_ADDR="+admin.Addr().String())
	w.start()
	if err := waitReady(w.ctx, base); err != nil {
		t.Fatal(err)
	}
	c := &chatter{killTown: w, rng: rand.New(rand.NewPCG(1, 2))}
	for range 3 {
		c.begin()
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		for i := range 60 {
			c.say(c.bob, c.threads[i%len(c.threads)], "and this", relayed)
			c.pause(30 * time.Millisecond)
		}
	}()
	var copied string
	for _, name := range []string{"a.db", "b.db", "c.db"} {
		copied = filepath.Join(t.TempDir(), name)
		cmd := exec.CommandContext(w.ctx, w.bin, "backup", copied)
		cmd.Env = w.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("backup under load: %v\n%s", err, out)
		}
	}
	info, err := os.Stat(copied)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: got %v, %v, want it readable by its owner only", info, err)
	}
	<-said
	c.say(c.ann, c.threads[0], "after the backup", relayed)
	c.begin()
	w.complain(w.settle(w.ctx))

	w.end(os.Kill)
	w.env = append(w.env, "STORE_URL=bolt:"+copied)
	c.say(c.ann, c.threads[1], "while nobody listens", relayed)
	w.start()
	c.say(c.ann, c.threads[2], "after it was put back", relayed)
	w.comesToRest()
}
