package agentest

import "context"

// TB is the part of testing.TB that NewStarted needs. It keeps package testing out of programs that run a Server.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// NewStarted returns a server that listens on the loopback interface until the test ends; its URL says where.
func NewStarted(t TB, cfg Config) *Server {
	t.Helper()
	s := New(cfg)
	if err := s.Start(t.Context()); err != nil {
		t.Fatalf("start agentest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return s
}
