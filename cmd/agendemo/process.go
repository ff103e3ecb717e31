package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// daemonWord is the argument that makes the program run the bridge. The next
// argument is how far the bridge's clock is ahead.
const daemonWord = "daemon"

// serve runs the bridge: the real daemon, configured by its environment as
// usual. It ends when its standard input does.
func serve(ctx context.Context, ahead string, in io.Reader, out, errs io.Writer) int {
	signal.Ignore(os.Interrupt) // a terminal sends the signal to both processes; the demo ends this one
	offset, err := time.ParseDuration(ahead)
	if err != nil {
		fmt.Fprintf(errs, "agendemo %s: %v\n", daemonWord, err)
		return exitUsage
	}
	cfg, err := daemon.Parse(daemon.Environ(os.Environ()))
	if err != nil {
		fmt.Fprintf(errs, "agendemo can't use its own configuration:\n%v\n", err)
		return exitUsage
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		_, err := io.Copy(io.Discard, in)
		stop(errors.Join(errLeft, err))
	}()
	err = daemon.Run(ctx, cfg, daemon.Options{
		Version: "demo", Log: out, Now: func() time.Time { return time.Now().Add(offset) },
	})
	if err != nil {
		fmt.Fprintf(errs, "agendemo %s: %v\n", daemonWord, err)
		return exitBad
	}
	return exitGood
}

var (
	errLeft = errors.New("whoever started it is gone")
	errDied = errors.New("the bridge ended by itself")
)

// process is a running bridge.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	ended chan error // receives the result of the process, once

	mu      sync.Mutex
	leaving bool // the demo told it to end
}

// startProcess starts the bridge. died is called if the process ends by itself.
func startProcess(ctx context.Context, env []string, ahead time.Duration, log io.Writer, died func(error)) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's file: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, daemonWord, ahead.String()) //nolint:gosec // the command is this program itself
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to the bridge: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the bridge: %w", err)
	}
	p := &process{cmd: cmd, stdin: stdin, ended: make(chan error, 1)}
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		leaving := p.leaving
		p.mu.Unlock()
		p.ended <- err // before died is called, because its callee may be in Kill and wait for the end
		if !leaving {
			died(errors.Join(errDied, err))
		}
	}()
	return p, nil
}

// Kill ends the process with SIGKILL, and returns when it has ended.
func (p *process) Kill() error {
	p.leave()
	err := p.cmd.Process.Kill()
	<-p.ended // a killed process always ends with an error
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the bridge: %w", err)
	}
	return nil
}

// Stop shuts the process down gracefully.
func (p *process) Stop() error {
	p.leave()
	err := p.stdin.Close()
	if err := errors.Join(err, <-p.ended); err != nil {
		return fmt.Errorf("stop the bridge: %w", err)
	}
	return nil
}

func (p *process) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaving = true
}

// logbook keeps the end of the bridge's log, and copies all of it to also if
// that is not nil.
type logbook struct {
	also io.Writer

	mu   sync.Mutex
	text []byte
}

// keepLog is the least number of bytes of the log that are kept.
const keepLog = 64 << 10

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text = append(l.text, p...); len(l.text) > 2*keepLog {
		l.text = append([]byte(nil), l.text[len(l.text)-keepLog:]...)
	}
	if l.also == nil {
		return len(p), nil
	}
	n, err := l.also.Write(p)
	if err != nil {
		return n, fmt.Errorf("show the log: %w", err)
	}
	return n, nil
}

// endLines is how many lines of the log a failure shows.
const endLines = 25

// end returns the last lines.
func (l *logbook) end() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	return strings.Join(lines[max(0, len(lines)-endLines):], "\n")
}
