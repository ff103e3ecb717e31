package slacktest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

// Started is a server for a test. It listens until the test ends, and fails the test if the app called something that
// the server doesn't know. Its actions fail the test instead of returning errors.
type Started struct {
	*Server
	// URL is the server's base, APIURL the Web API's with the trailing slash that Slack clients want.
	URL, APIURL string
	// Client sends requests to the server, also to one in memory; Dial is for WebSocket dialers.
	Client *http.Client
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	// AllowUnexpected keeps requests that the server doesn't know from failing the test.
	AllowUnexpected bool
	// Patience is how long WaitFor waits. Default 10 s.
	Patience time.Duration
	tb       testing.TB
}

// NewStarted starts a server on a free port of the loopback interface.
func NewStarted(tb testing.TB, cfg Config) *Started {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	var d net.Dialer
	return start(tb, cfg, l, "http://"+l.Addr().String(), d.DialContext)
}

// NewInMemory starts a server on a Pipe, for testing/synctest bubbles. Call it inside the bubble.
func NewInMemory(tb testing.TB, cfg Config) *Started {
	tb.Helper()
	p := NewPipe()
	return start(tb, cfg, p, "http://slack.test", p.DialContext)
}

func start(
	tb testing.TB, cfg Config, l net.Listener, base string,
	dial func(context.Context, string, string) (net.Conn, error),
) *Started {
	transport := &http.Transport{DialContext: dial}
	st := &Started{
		Server: New(cfg), URL: base, APIURL: base + "/api/", Client: &http.Client{Transport: transport}, Dial: dial,
		Patience: 10 * time.Second, tb: tb,
	}
	served := make(chan error, 1)
	go func() { served <- st.Serve(l) }()
	tb.Cleanup(func() {
		st.Close()
		if err := <-served; !errors.Is(err, ErrClosed) {
			tb.Errorf("serve: %v", err)
		}
		transport.CloseIdleConnections()
		if st.AllowUnexpected {
			return
		}
		for _, r := range st.Unexpected() {
			tb.Errorf("unexpected request %s %v", r.Method, r.Args)
		}
	})
	return st
}

// Say is Server.Say.
func (st *Started) Say(user, channel, text string, opts ...SayOption) string {
	st.tb.Helper()
	ts, err := st.Server.Say(user, channel, text, opts...)
	st.must(err)
	return ts
}

// Edit is Server.Edit.
func (st *Started) Edit(user, channel, ts, text string) {
	st.tb.Helper()
	st.must(st.Server.Edit(user, channel, ts, text))
}

// Delete is Server.Delete.
func (st *Started) Delete(user, channel, ts string) {
	st.tb.Helper()
	st.must(st.Server.Delete(user, channel, ts))
}

// Click is Server.Click.
func (st *Started) Click(user, channel, ts, action string) {
	st.tb.Helper()
	st.must(st.Server.Click(user, channel, ts, action))
}

// WaitFor waits until holds does, or fails the test after Patience.
func (st *Started) WaitFor(what string, holds func() bool) {
	st.tb.Helper()
	ctx, cancel := context.WithTimeout(st.tb.Context(), st.Patience)
	defer cancel()
	st.must(st.Wait(ctx, what, holds))
}

func (st *Started) must(err error) {
	st.tb.Helper()
	if err != nil {
		st.tb.Fatal(err)
	}
}
