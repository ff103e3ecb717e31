package agen_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// TestFailureBeforeSendingIsTemporary covers failures before the server can have received a byte of the body.
func TestFailureBeforeSendingIsTemporary(t *testing.T) {
	// The system never assigns this port to a listener that asks for a free one, as it might a port just closed.
	const closed = "http://127.0.0.1:1"
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // the handshakes are meant to fail
	secure.StartTLS()
	defer secure.Close()
	proxy := func(u string) *http.Client {
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(parsed)}}
	}
	for name, cfg := range map[string]agen.Config{
		"connection refused":  {BaseURL: closed},
		"unknown certificate": {BaseURL: secure.URL},
		"no TLS":              {BaseURL: "https://" + plain.Listener.Addr().String()},
		"proxy unreachable":   {BaseURL: "https://api.agenhq.com", HTTPClient: proxy(closed)},
		"proxy refuses":       {BaseURL: "https://api.agenhq.com", HTTPClient: proxy(plain.URL)},
		"dial": {DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no network")
		}},
		"custom transport": {HTTPClient: &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("transport error")
		})}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, cfg)
			for _, call := range calls {
				err := call.call(t.Context(), c)
				wantClass(t, err, call.name, agen.ClassTemporary)
				if e := asError(t, err); e.HTTPStatus != 0 || e.Message == "" {
					t.Errorf("got status %d and message %q, want none and a reason", e.HTTPStatus, e.Message)
				}
			}
		})
	}
}

// TestContextEnds covers contexts that end before, during and after the sending of the request.
func TestContextEnds(t *testing.T) {
	cause := errors.New("the lane was woken")
	t.Run("before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
		for _, call := range calls {
			err := call.call(ctx, c)
			wantClass(t, err, call.name, agen.ClassTemporary)
			wantContextErrors(t, err, context.Canceled, cause)
		}
	})
	t.Run("while dialing", func(t *testing.T) {
		for _, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			c := newClient(t, agen.Config{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				cancel(cause)
				<-ctx.Done()
				return nil, ctx.Err()
			}})
			err := call.call(ctx, c)
			wantClass(t, err, call.name, agen.ClassTemporary)
			wantContextErrors(t, err, context.Canceled, cause)
		}
	})
	t.Run("while waiting", func(t *testing.T) {
		for i, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				readBody(t, r)
				cancel(cause)
				<-r.Context().Done()
			})
			err := call.call(ctx, c)
			wantClass(t, err, call.name, []agen.Class{agen.ClassUnsure, agen.ClassUnsure, agen.ClassTemporary, agen.ClassTemporary}[i])
			wantContextErrors(t, err, context.Canceled, cause)
		}
	})
	t.Run("in the middle of the answer", func(t *testing.T) {
		for i, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				readBody(t, r)
				w.Header().Set("Content-Length", "1000")
				if _, err := io.WriteString(w, `[{"id":"e"},`); err != nil {
					t.Error(err)
				}
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				cancel(cause)
				<-r.Context().Done()
			})
			err := call.call(ctx, c)
			wantClass(t, err, call.name, []agen.Class{agen.ClassUnsure, agen.ClassUnsure, agen.ClassTemporary, agen.ClassTemporary}[i])
			wantContextErrors(t, err, context.Canceled, cause)
		}
	})
}

func wantContextErrors(t *testing.T, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("got error %v, want it to be %v as well", err, w)
		}
	}
}

// TestBrokenReusedConnectionIsNotRetried covers the one case in which net/http repeats requests by itself: a reused
// connection breaks. A POST that was written must not be written again.
func TestBrokenReusedConnectionIsNotRetried(t *testing.T) {
	for i, call := range calls[:2] {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var requests atomic.Int32
		go oneAnswerPerConnection(l, &requests)
		c := newClient(t, agen.Config{BaseURL: "http://" + l.Addr().String()})
		if err := call.call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		wantClass(t, call.call(t.Context(), c), call.name, agen.ClassUnsure)
		if got := requests.Load(); got != 2 {
			t.Errorf("call %d: the server got %d requests, want 2", i, got)
		}
		l.Close()
	}
}

// oneAnswerPerConnection answers the first request on each connection, and closes the connection after reading the
// second one.
func oneAnswerPerConnection(l net.Listener, requests *atomic.Int32) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		r := bufio.NewReader(conn)
		for n := range 2 {
			req, err := http.ReadRequest(r)
			if err != nil {
				break
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				break
			}
			requests.Add(1)
			if n == 0 {
				if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"x\"}"); err != nil {
					break
				}
			}
		}
		conn.Close()
	}
}

// deadConn fails every write once it is dead, without writing anything.
type deadConn struct {
	net.Conn
	dead *atomic.Bool
}

func (c deadConn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return 0, errors.New("broken pipe")
	}
	return c.Conn.Write(p)
}

// TestStaleConnection covers an idle connection that turns out to be dead when the request is written: it is certain that
// nothing was sent.
func TestStaleConnection(t *testing.T) {
	var requests atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readBody(t, r)
		requests.Add(1)
		if _, err := io.WriteString(w, `{"id":"x"}`); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	for _, call := range calls[:2] {
		requests.Store(0)
		var dead atomic.Bool
		var d net.Dialer
		c := newClient(t, agen.Config{BaseURL: srv.URL, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := d.DialContext(ctx, network, address)
			return deadConn{conn, &dead}, err
		}})
		if err := call.call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		dead.Store(true)
		wantClass(t, call.call(t.Context(), c), call.name, agen.ClassTemporary)
		if got := requests.Load(); got != 1 {
			t.Errorf("the server got %d requests, want 1", got)
		}
	}
}

// TestBodyIsNotReadAfterTheCall covers transports that still read the body after RoundTrip has returned, as HTTP/2 may.
func TestBodyIsNotReadAfterTheCall(t *testing.T) {
	var body io.Reader
	c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
		body = r.Body
		if r.GetBody != nil {
			t.Error("the body could be sent twice")
		}
		return nil, errors.New("broken")
	})}})
	for _, call := range calls[:2] {
		wantClass(t, call.call(t.Context(), c), call.name, agen.ClassTemporary)
		if rest, err := io.ReadAll(body); err == nil || len(rest) > 0 {
			t.Errorf("%s: got %q, %v from the body after the call; want nothing and an error", call.name, rest, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, status)
		})
		srv := httptest.NewServer(handler)
		for _, custom := range []*http.Client{nil, {}} {
			c := newClient(t, agen.Config{BaseURL: srv.URL, HTTPClient: custom})
			for _, call := range calls {
				wantClass(t, call.call(t.Context(), c), call.name, agen.ClassRejected)
			}
		}
		srv.Close()
	}
	if got := elsewhere.Load(); got != 0 {
		t.Errorf("the other host got %d requests, want none", got)
	}
}
