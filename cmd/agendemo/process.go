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

// daemonWord is the argument that makes the program the bridge; how far its
// clock is ahead follows.
const daemonWord = "daemon"

// serve is the bridge: the real daemon, configured by its environment like any
// other. It ends when its standard input does.
func serve(ctx context.Context, ahead string, in io.Reader, out, errs io.Writer) int {
	signal.Ignore(os.Interrupt) // a terminal interrupts both; the demo ends this one
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
	ended chan error // gets the result of the process, once

	mu      sync.Mutex
	leaving bool // it was told to end
}

// startProcess starts the bridge. died is called when it ends though nobody
// told it to.
func startProcess(ctx context.Context, env []string, ahead time.Duration, log io.Writer, died func(error)) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's file: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, daemonWord, ahead.String()) //nolint:gosec // it is this program itself
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
		p.ended <- err // first: whoever died tells may be waiting for the end in Kill
		if !leaving {
			died(errors.Join(errDied, err))
		}
	}()
	return p, nil
}

// Kill ends the process as a power cut does, and returns when it is gone.
func (p *process) Kill() error {
	p.leave()
	err := p.cmd.Process.Kill()
	<-p.ended // how a killed process ended is no news
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the bridge: %w", err)
	}
	return nil
}

// Stop lets the process end in order.
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

// logbook keeps the end of what the bridge logs, and shows it to also when that is not
// nil.
type logbook struct {
	also io.Writer

	mu   sync.Mutex
	text []byte
}

// keepLog is how much of the log is kept at least, in bytes.
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

// endLines is how much of the log a failure shows.
const endLines = 25

// end returns the last lines.
func (l *logbook) end() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	return strings.Join(lines[max(0, len(lines)-endLines):], "\n")
}
