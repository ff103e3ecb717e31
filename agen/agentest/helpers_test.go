package agentest_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// memoryNetwork is an in-memory network with one listener, for synctest bubbles.
type memoryNetwork struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemoryNetwork() *memoryNetwork {
	return &memoryNetwork{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

func (n *memoryNetwork) Close() error {
	n.once.Do(func() { close(n.done) })
	return nil
}

func (n *memoryNetwork) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (n *memoryNetwork) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// serveInMemory serves cfg over an in-memory network until the test ends, and returns a client for it.
func serveInMemory(t *testing.T, cfg agentest.Config) (*agentest.Server, *agen.Client) {
	t.Helper()
	srv, network := agentest.New(cfg), newMemoryNetwork()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(network) }()
	c, err := agen.New(agen.Config{BaseURL: "http://agen.test", Key: agentest.DefaultKey, DialContext: network.dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.CloseIdleConnections()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return srv, c
}

func texts(events []agen.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Text()+"="+string(e.Status))
	}
	return all
}

func wantTexts(t *testing.T, what string, got []agen.Event, want ...string) {
	t.Helper()
	if !slices.Equal(texts(got), want) {
		t.Errorf("%s: got %q, want %q", what, texts(got), want)
	}
}

func client(t *testing.T, srv *agentest.Server, key agen.Secret) *agen.Client {
	t.Helper()
	c, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
