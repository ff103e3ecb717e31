//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A program is built once for all benchmarks, as the image has it.
type program struct {
	name, source string
	once         sync.Once
	path         string
	err          error
}

var (
	daemonProgram   = &program{name: "agenbridge", source: ".."}
	bareProgram     = &program{name: "bare", source: "./testdata/bare"}
	profiledProgram = &program{name: "profiled", source: "./testdata/profiled"}
)

// workshop is where the programs are.
var workshop struct{ dir string }

// daemon returns the path of the agenbridge to be measured.
func daemon(b testing.TB) string {
	b.Helper()
	switch {
	case *given != "":
		return *given
	case *profile != "":
		return profiledProgram.built(b)
	default:
		return daemonProgram.built(b)
	}
}

// built returns the path of the program.
func (p *program) built(b testing.TB) string {
	b.Helper()
	p.once.Do(func() {
		p.path = filepath.Join(workshop.dir, p.name)
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v0-bench",
			"-o", p.path, p.source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			p.err = fmt.Errorf("build %s: %w\n%s", p.name, err, out)
		}
	})
	if p.err != nil {
		b.Fatal(p.err)
	}
	return p.path
}

// child is a program at work in a process of its own.
type child struct {
	b       testing.TB
	cmd     *exec.Cmd
	log     string // the path of what it prints
	began   time.Time
	ended   chan error
	stopped bool
}

// startChild starts a program with nothing in its environment but env. It ends
// with the benchmark at the latest.
func startChild(b testing.TB, path string, env []string) *child {
	b.Helper()
	c := &child{b: b, cmd: exec.Command(path), ended: make(chan error, 1)}
	c.cmd.Dir = b.TempDir()
	c.cmd.Env = env
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.log = filepath.Join(c.cmd.Dir, "log")
	out, err := os.Create(c.log) // a file: a pipe would make this process work as well
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	c.cmd.Stdout, c.cmd.Stderr = out, out
	c.began = time.Now()
	if err := c.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	go func() { c.ended <- c.cmd.Wait() }()
	b.Cleanup(func() {
		if !c.stopped {
			c.kill()
		}
		if b.Failed() {
			c.showLog()
		}
	})
	return c
}

// stop ends the program in good order.
func (c *child) stop() {
	c.b.Helper()
	c.stopped = true
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.b.Fatalf("stop: %v", err)
	}
	select {
	case err := <-c.ended:
		if err != nil {
			c.b.Fatalf("it ended with: %v", err)
		}
		c.keepProfiles()
	case <-time.After(20 * time.Second):
		c.kill()
		c.b.Fatal("it did not stop within 20 s")
	}
}

// keepProfiles copies what profiled left behind to where it was asked for.
func (c *child) keepProfiles() {
	c.b.Helper()
	if *profile == "" {
		return
	}
	for _, name := range []string{"cpu.pprof", "heap.pprof"} {
		data, err := os.ReadFile(filepath.Join(c.cmd.Dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(*profile, filepath.Base(c.b.Name())+"."+name), data, 0o600)
		}
		if err != nil {
			c.b.Errorf("keep a profile: %v", err)
		}
	}
}

// kill ends it at once, wherever it is.
func (c *child) kill() {
	c.stopped = true
	if err := c.cmd.Process.Kill(); err == nil {
		<-c.ended
	}
}

func (c *child) showLog() {
	text, err := os.ReadFile(c.log)
	if err != nil {
		c.b.Log(err)
		return
	}
	c.b.Logf("the end of its log:\n%s", text[max(0, len(text)-10_000):])
}

// clockTick is the unit of times in /proc: Linux has had no other for decades
// (USER_HZ, proc_pid_stat(5)).
const clockTick = 10 * time.Millisecond

// cpu is the processor time it has used so far, its own and the kernel's.
func (c *child) cpu() time.Duration {
	c.b.Helper()
	// Fields 14 and 15; the second is a name in parentheses and may hold spaces.
	text := c.proc("stat")
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			c.b.Fatalf("read processor time: %v", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}

// megabytes returns a line of /proc/PID/status, such as RssAnon or VmRSS, in
// units of 10⁶ bytes.
func (c *child) megabytes(name string) float64 {
	c.b.Helper()
	for line := range strings.Lines(c.proc("status")) {
		value, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		if err != nil {
			c.b.Fatalf("read %s: %v", name, err)
		}
		return float64(n) * 1024 / 1e6
	}
	c.b.Fatalf("no %s in its status", name)
	return 0
}

func (c *child) proc(file string) string {
	c.b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.cmd.Process.Pid), file))
	if err != nil {
		c.showLog()
		c.b.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}
