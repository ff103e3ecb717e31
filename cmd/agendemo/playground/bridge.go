package playground

import (
	"errors"
	"fmt"
	"sync"
)

// bridge is the bridge's process, which may be down.
type bridge struct {
	start   func(died func(error)) (Process, error)
	changed func()

	mu      sync.Mutex // held while it is started or ended, which takes milliseconds
	process Process    // nil while it is down
	starts  int
	kills   int
	died    string // why it ended, if nobody stopped it
}

var (
	errRuns = errors.New("the bridge is running already")
	errDown = errors.New("the bridge is down already")
)

// Start starts the bridge. The error is errRuns, or says why the bridge can't be started.
func (b *bridge) Start() error {
	defer b.changed()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		return errRuns
	}
	b.starts++
	n := b.starts
	process, err := b.start(func(err error) { b.lost(n, err) })
	if err != nil {
		return fmt.Errorf("start the bridge: %w", err)
	}
	b.process, b.died = process, ""
	return nil
}

// Kill ends the bridge with SIGKILL. The error is errDown, or says what went wrong.
func (b *bridge) Kill() error {
	defer b.changed()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return errDown
	}
	err := b.process.Kill()
	b.process = nil
	b.kills++
	return err
}

// Stop shuts the bridge down gracefully if it runs.
func (b *bridge) Stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return nil
	}
	err := b.process.Stop()
	b.process = nil
	return err
}

// lost records that the n-th process ended by itself.
func (b *bridge) lost(n int, err error) {
	defer b.changed()
	b.mu.Lock()
	defer b.mu.Unlock()
	if n == b.starts && b.process != nil {
		b.process, b.died = nil, err.Error()
	}
}

// bridgePart is the state of the bridge as the page shows it.
type bridgePart struct {
	Up      bool   `json:"up"`
	Sockets int    `json:"sockets"`
	Starts  int    `json:"starts"`
	Kills   int    `json:"kills"`
	Died    string `json:"died,omitempty"`
}

func (b *bridge) part(sockets int) bridgePart {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bridgePart{Up: b.process != nil, Sockets: sockets, Starts: b.starts, Kills: b.kills, Died: b.died}
}
