package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/agenbridge/agenbridge/agen/agentest"
)

// road is the way to the Agen server. While it is closed connections are
// refused, so that a client knows for certain that nothing was done.
type road struct {
	server  *agentest.Server
	address string      // the same after each opening
	broken  func(error) // called when the server can't serve

	mu       sync.Mutex
	listener net.Listener // nil while it is closed
	conns    []net.Conn
	served   sync.WaitGroup
}

// Open makes the server reachable.
func (r *road) Open(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", r.address)
	if err != nil {
		return fmt.Errorf("listen for Agen: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.address, r.listener = l.Addr().String(), l
	r.served.Go(func() {
		if err := r.server.Serve(&gate{l, r}); err != nil && !errors.Is(err, net.ErrClosed) {
			r.broken(err)
		}
	})
	return nil
}

// Close refuses and breaks all connections.
func (r *road) Close() {
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

// gate tells the road of each connection.
type gate struct {
	net.Listener
	road *road
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err // as it is: net/http looks at it
	}
	g.road.mu.Lock()
	defer g.road.mu.Unlock()
	if g.road.listener != g.Listener {
		c.Close() // it came through while the road was being closed
		return nil, net.ErrClosed
	}
	g.road.conns = append(g.road.conns, c)
	return c, nil
}
