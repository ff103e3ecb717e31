package neterror_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

const secret = "Bearer XTOKENX"

// TestNoAnswerIsQuoted makes servers and proxies send the secret in every place that net/http quotes if it can't parse
// it.
func TestNoAnswerIsQuoted(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 " + secret, secret,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret, "HTTP/1.1 200 OK\r\nContent-Length: " + secret,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: " + secret, "HTTP/1.1 200 OK\r\n" + secret,
		"HTTP/1.1 302 Found\r\nLocation: %zz" + secret,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + secret,
	} {
		t.Run(strings.ReplaceAll(answer, secret, "it"), func(t *testing.T) {
			server := httptest.NewServer(raw(t, answer+"\r\n\r\n"))
			defer server.Close()
			for _, transport := range []*http.Transport{{}, {Proxy: http.ProxyURL(parse(t, server.URL))}} {
				address := server.URL
				if transport.Proxy != nil {
					address = "https://agen.test"
				}
				err := neterror.Of(ask(t, &http.Client{Transport: transport}, address))
				transport.CloseIdleConnections()
				if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "XTOKENX") {
					t.Errorf("got %v, want an error in our own words", err)
				}
			}
		})
	}
}

// TestWords checks what people read, and that errors.Is still finds the cause.
func TestWords(t *testing.T) {
	plain, encrypted := httptest.NewServer(http.NotFoundHandler()), httptest.NewUnstartedServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = nil
	encrypted.StartTLS()
	defer plain.Close()
	defer encrypted.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		err  error
		want string
		is   error
	}{
		{ask(t, http.DefaultClient, strings.Replace(plain.URL, "http:", "https:", 1)), "the answer is not HTTP, or a proxy refused to connect", nil},
		{ask(t, http.DefaultClient, encrypted.URL), "the server's certificate is signed by an unknown authority", nil},
		{&url.Error{Op: "Get", URL: secret, Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, "connect: connection refused", syscall.ECONNREFUSED},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: secret, Name: secret, IsNotFound: true}}, "connect: the host name is unknown", nil},
		{&net.OpError{Op: "read", Err: context.DeadlineExceeded}, "read: timed out", context.DeadlineExceeded},
		{fmt.Errorf("%s: %w", secret, ended.Err()), "canceled", context.Canceled},
		{fmt.Errorf("%s: %w", secret, io.ErrUnexpectedEOF), "the other side closed the connection too early", io.ErrUnexpectedEOF},
		{errors.New(secret), "the answer is not HTTP, or a proxy refused to connect", nil},
	} {
		got := neterror.Of(tt.err)
		if got.Error() != tt.want || tt.is != nil && !errors.Is(got, tt.is) {
			t.Errorf("%v: got %q, want %q and to be %v", tt.err, got, tt.want, tt.is)
		}
		if again := neterror.Of(fmt.Errorf("%s: %w", secret, got)); again.Error() != tt.want {
			t.Errorf("described twice: got %q", again)
		}
	}
	if err := neterror.Of(nil); err != nil {
		t.Errorf("got %v for nil", err)
	}
}

// raw answers every request with the same bytes.
func raw(t *testing.T, answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		out := bufio.NewWriter(conn)
		_, _ = out.WriteString(answer) // a client may have seen enough before the end
		_ = out.Flush()
	}
}

// ask makes a request and reads the answer to its end.
func ask(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
