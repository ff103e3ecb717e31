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

// A program is built once for all benchmarks, with the flags of the image.
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

// workshop is the folder of the built programs.
var workshop struct{ dir string }

// daemon returns the path of the agenbridge to measure.
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

// child is a program that runs in its own process.
type child struct {
	b       testing.TB
	cmd     *exec.Cmd
	log     string // the path of its output
	began   time.Time
	ended   chan error
	stopped bool
}

// startChild starts a program whose environment is env and nothing else. The
// program is stopped at the end of the benchmark at the latest.
func startChild(b testing.TB, path string, env []string) *child {
	b.Helper()
	c := &child{b: b, cmd: exec.Command(path), ended: make(chan error, 1)}
	c.cmd.Dir = b.TempDir()
	c.cmd.Env = env
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.log = filepath.Join(c.cmd.Dir, "log")
	out, err := os.Create(c.log) // not a pipe, whose copying would cost this process time
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

// stop shuts the program down gracefully.
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

// keepProfiles copies the profiles that the program wrote to the requested folder.
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

// kill ends the process with SIGKILL.
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

// clockTick is the unit of times in /proc. Linux has used no other for decades
// (USER_HZ, proc_pid_stat(5)).
const clockTick = 10 * time.Millisecond

// cpu returns the processor time that the process has used so far, user and system.
func (c *child) cpu() time.Duration {
	c.b.Helper()
	// User and system time are fields 14 and 15; field 2 is a name in parentheses
	// that may contain spaces.
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

// megabytes returns the value of a line of /proc/PID/status, such as RssAnon or
// VmRSS, in units of 10⁶ bytes.
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
