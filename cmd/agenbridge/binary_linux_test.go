package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestAnIdleProcessIsSmallAndUpAtOnce(t *testing.T) {
	p := startProcess(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := waitReady(ctx, p.base); err != nil {
		t.Fatal(err)
	}
	p.slack.WaitFor("both sockets", func() bool { return len(p.slack.Sockets()) == 2 })
	anon, rss := p.memory("RssAnon"), p.memory("VmRSS")
	t.Logf("first socket after %v; RssAnon %d KiB, RSS %d KiB", p.firstUp, anon, rss)
	if p.firstUp > 300*time.Millisecond {
		t.Errorf("the first socket was up after %v, the limit is 0.3 s", p.firstUp)
	}
	if anon >= 10<<10 || rss >= 18<<10 {
		t.Errorf("RssAnon %d KiB and RSS %d KiB, the limits are 10 MiB and 18 MiB", anon, rss)
	}
}

// A limit on file sizes simulates a full disk: it needs no privileges, and writes
// fail in the same places.
func TestAFullDiskIsNotAcknowledgedAndRecoversByItself(t *testing.T) {
	p := startProcess(t)
	ann := p.slack.AddUser(slacktest.User{Name: "ann", RealName: "Ann Lee"})
	dev := p.slack.AddChannel(slacktest.Channel{Name: "dev"})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := waitReady(ctx, p.base); err != nil {
		t.Fatal(err)
	}
	p.limitFiles(0)
	ts := p.slack.Say(ann.ID, dev.ID, "<@U0AGEN> fix the login test")
	waitForOutput(t, &p.out, "store can't write to its disk")
	waitForOutput(t, &p.out, "it is not acknowledged, so slack delivers it again")
	if got, err := firstLine(ctx, p.base+"/readyz"); err == nil {
		t.Errorf("/readyz is green: %s", got)
	} else if !strings.Contains(err.Error(), `"store":`) {
		t.Errorf("/readyz doesn't name the store: %v", err)
	}
	if got, err := firstLine(ctx, p.base+"/healthz"); err != nil {
		t.Errorf("/healthz depends on the disk: %s (%v)", got, err)
	}
	if p.slack.Acked(dev.ID, ts) {
		t.Error("a message that is not on disk was acknowledged")
	}
	p.limitFiles(1 << 40)
	if err := waitReady(ctx, p.base); err != nil {
		t.Fatal(err)
	}
	p.slack.WaitFor("a reaction", func() bool { return len(p.slack.Reactions(dev.ID, ts)) > 0 })
	sessions := p.agen.Sessions()
	if len(sessions) != 1 || len(p.agen.Messages(sessions[0].ID)) != 1 {
		t.Errorf("got %d sessions, want one with one message", len(sessions))
	}
	waitForOutput(t, &p.out, "store writes again")
}

// limitFiles bounds how large a file the process may write (prlimit(2)).
func (p *process) limitFiles(size uint64) {
	p.t.Helper()
	limit := syscall.Rlimit{Cur: size, Max: 1 << 40}
	_, _, errno := syscall.Syscall6(syscall.SYS_PRLIMIT64, uintptr(p.cmd.Process.Pid), syscall.RLIMIT_FSIZE,
		uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		p.t.Fatalf("prlimit: %v", errno)
	}
}

// memory returns the value of a line of /proc/PID/status in KiB.
func (p *process) memory(name string) int {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		p.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB$`).FindSubmatch(text)
	if m == nil {
		p.t.Fatalf("no %s in %s", name, text)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}
