package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/agenbridge/agenbridge/agen/agentest"
)

// agenSwitch makes the Agen server reachable or unreachable. While it is
// closed, connections are refused, so that a client knows that its call was not
// applied.
type agenSwitch struct {
	server  *agentest.Server
	address string      // the same after each opening
	broken  func(error) // called when the server can't serve

	mu       sync.Mutex
	listener net.Listener // nil while it is closed
	conns    []net.Conn
	served   sync.WaitGroup
}

// Open makes the server reachable.
func (r *agenSwitch) Open(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", r.address)
	if err != nil {
		return fmt.Errorf("listen for Agen: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.address, r.listener = l.Addr().String(), l
	r.served.Go(func() {
		if err := r.server.Serve(&trackedListener{l, r}); err != nil && !errors.Is(err, net.ErrClosed) {
			r.broken(err)
		}
	})
	return nil
}

// Close refuses and breaks all connections.
func (r *agenSwitch) Close() {
	r.mu.Lock()
	if r.listener != nil {
		r.listener.Close()
	}
	for _, c := range r.conns {
		c.Close()
	}
	r.listener, r.conns = nil, nil
	r.mu.Unlock()
	r.served.Wait()
}

// trackedListener registers each connection with the switch.
type trackedListener struct {
	net.Listener
	owner *agenSwitch
}

// Accept implements net.Listener.
func (l *trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err // unchanged, because net/http examines it
	}
	l.owner.mu.Lock()
	defer l.owner.mu.Unlock()
	if l.owner.listener != l.Listener {
		c.Close() // accepted while the switch was being closed
		return nil, net.ErrClosed
	}
	l.owner.conns = append(l.owner.conns, c)
	return c, nil
}
