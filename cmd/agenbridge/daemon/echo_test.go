package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// echo is a response that repeats a mark that the request contained, in one particular place.
type echo struct {
	place string
	// http builds the response to an HTTP request. frame, if set, builds a WebSocket frame that follows a successful
	// handshake instead.
	http, frame func(mark string) string
}

// echoes returns one echo for each place of a response that a server, or a proxy in front of it, controls.
func echoes() []echo {
	head := func(line string) func(string) string {
		return func(mark string) string {
			return "HTTP/1.1 200 OK\r\n" + strings.ReplaceAll(line, "MARK", mark) + "\r\nContent-Length: 0\r\n\r\n"
		}
	}
	body := func(status, kind, text string) func(string) string {
		return func(mark string) string {
			text := strings.ReplaceAll(text, "MARK", mark)
			return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, kind, len(text), text)
		}
	}
	raw := func(text string) func(string) string {
		return func(mark string) string { return strings.ReplaceAll(text, "MARK", mark) + "\r\n\r\n" }
	}
	all := []echo{
		{place: "status line", http: raw("HTTP/1.1 MARK")},
		{place: "reason phrase", http: raw("HTTP/1.1 503 MARK")},
		{place: "instead of HTTP", http: raw("MARK")},
		{place: "informational status", http: raw("HTTP/1.1 1MARK")},
		{place: "Transfer-Encoding", http: head("Transfer-Encoding: MARK")},
		{place: "Content-Length", http: raw("HTTP/1.1 200 OK\r\nContent-Length: MARK")},
		{place: "two lengths", http: raw("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8MARK")},
		{place: "Content-Encoding", http: head("Content-Encoding: gzip\r\nX: MARK")},
		{place: "a header without a colon", http: head("MARK")},
		{place: "scopes", http: body("200 OK\r\nX-OAuth-Scopes: MARK", "application/json", `{"ok":true}`)},
		{place: "redirect", http: raw("HTTP/1.1 302 Found\r\nLocation: https://slack.test/MARK\r\nContent-Length: 0")},
		{place: "malformed redirect", http: raw("HTTP/1.1 302 Found\r\nLocation: %zzMARK\r\nContent-Length: 0")},
		{place: "Retry-After", http: raw("HTTP/1.1 429 MARK\r\nRetry-After: MARK\r\nContent-Length: 0")},
		{place: "chunk size", http: raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nMARK")},
		{place: "trailer", http: raw("HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nMARK")},
		{place: "plain refusal", http: body("400 MARK", "text/plain", "MARK")},
		{place: "page", http: body("200 OK", "text/html", "MARK")},
		{place: "a string of JSON", http: body("200 OK", "application/json", `"MARK"`)},
		{place: "broken JSON", http: body("200 OK", "application/json", `{"ok":true,"id":MARK}`)},
		{place: "types of JSON", http: body("200 OK", "application/json", `{"ok":true,"channels":"MARK","user":["MARK"],"items":"MARK","url":7}`)},
		{place: "socket address", http: body("200 OK", "application/json", `{"ok":true,"url":"wss://MARK/%zz"}`)},
		{place: "close frame", frame: func(mark string) string {
			return "\x88" + string(rune(len(mark)+2)) + "\x0f\xa0" + mark
		}},
		{place: "disconnect frame", frame: func(mark string) string {
			text := `{"type":"disconnect","reason":"` + mark + `"}`
			return "\x81" + string(rune(len(text))) + text
		}},
		{place: "broken frame", frame: func(mark string) string { return mark }},
	}
	for _, field := range []string{`"error"`, `"needed"`, `"warning"`, `"message"`, `"errors":[{"message":"MARK"}],"detail"`} {
		for _, status := range []string{"200 OK", "401 MARK", "422 MARK", "500 MARK"} {
			all = append(all, echo{
				place: field + " " + status, http: body(status, "application/json", `{"ok":false,"error":"missing_scope",`+field+`:"MARK"}`),
			})
		}
	}
	return all
}

// echoNetwork answers with an echo on every connection to a remote while it is switched on.
type echoNetwork struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	mark string

	mu  sync.Mutex
	now *echo // guarded by mu
	hit int   // guarded by mu
}

func (n *echoNetwork) set(e *echo) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = e
}

func (n *echoNetwork) hits() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hit
}

func (n *echoNetwork) playing() *echo {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *echoNetwork) count() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hit++
}

func (n *echoNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := n.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &echoConn{Conn: conn, network: n}, nil
}

// echoConn answers in place of the remote, starting with the first write that happens while an echo is switched on.
type echoConn struct {
	net.Conn
	network *echoNetwork

	mu     sync.Mutex
	answer *bytes.Reader // guarded by mu
	socket bool          // whether the client asked for an upgrade to a WebSocket; guarded by mu
}

func (c *echoConn) Write(p []byte) (int, error) {
	playing := c.network.playing()
	c.mu.Lock()
	c.socket = c.socket || bytes.Contains(p, []byte("Upgrade: websocket"))
	if c.answer == nil && playing != nil && playing.http != nil {
		c.network.count()
		c.answer = bytes.NewReader([]byte(playing.http(c.network.mark)))
		_ = c.Conn.Close() // wakes a Read
	}
	answered := c.answer != nil
	c.mu.Unlock()
	if answered {
		return len(p), nil
	}
	return c.Conn.Write(p) // may block until the other side reads
}

func (c *echoConn) Read(p []byte) (int, error) {
	for {
		c.mu.Lock()
		answer := c.answer
		c.mu.Unlock()
		if answer != nil {
			return answer.Read(p)
		}
		n, err := c.Conn.Read(p)
		c.mu.Lock()
		playing := c.network.playing()
		if c.socket && playing != nil && playing.frame != nil && bytes.Contains(p[:n], []byte("\r\n\r\n")) {
			c.network.count()
			c.answer = bytes.NewReader([]byte(playing.frame(c.network.mark)))
		}
		answered := c.answer != nil
		c.mu.Unlock()
		if n > 0 || !answered || errors.Is(err, io.EOF) {
			return n, err
		}
	}
}

// TestNothingIsSeenOfWhatServersEcho makes both remotes repeat tokens and message text in every place of their
// responses, while messages wait and while an operator checks the configuration.
func TestNothingIsSeenOfWhatServersEcho(t *testing.T) {
	for _, bad := range echoes() {
		t.Run(bad.place, func(t *testing.T) {
			inBubble(t, plan{
				slack: slacktest.Config{BotToken: tokenA, AppToken: tokenB},
				agen:  agentest.Config{Keys: map[string]string{tokenC: "ws_1"}},
				env: map[string]string{
					"SLACK_BOT_TOKEN": tokenA, "SLACK_APP_TOKEN": tokenB, "AGEN_API_KEY": tokenC, "MAX_AGE": "30m",
				},
				idle: true,
			}, func(t *testing.T, w *town) {
				slack := &echoNetwork{dial: w.options.SlackDial, mark: "Bearer " + tokenA + " " + tokenB + " " + words}
				agen := &echoNetwork{dial: w.options.AgenDial, mark: tokenC + " " + words}
				w.options.SlackDial, w.options.AgenDial = slack.DialContext, agen.DialContext
				w.start()
				w.connected()
				root := w.mention(words)
				w.shows(root, "white_check_mark")
				slack.set(&bad)
				agen.set(&bad)
				edited := w.reply(w.bob, root, words+" once more")
				w.slack.Edit(w.bob.ID, w.dev.ID, edited, words+" edited")
				time.Sleep(time.Minute)
				w.slack.Cut(slacktest.Every)
				time.Sleep(3 * time.Minute)
				found := w.check()
				if slack.hits() == 0 || agen.hits() == 0 && bad.http != nil {
					t.Fatalf("no echo was sent: %d of Slack, %d of Agen", slack.hits(), agen.hits())
				}
				slack.set(nil)
				agen.set(nil)
				time.Sleep(40 * time.Minute)
				w.stop()
				w.wantUnseen(w.log.Tail(1 << 30))
				w.wantUnseen(found)
				thread, err := json.Marshal(w.slack.Thread(w.dev.ID, root))
				if err != nil || bytes.Contains(thread, []byte("XTOKENX")) {
					t.Errorf("a token is in the thread, or %v: %s", err, thread)
				}
			})
		})
	}
}

// check returns what the check of the configuration prints for an operator.
func (w *town) check() string {
	w.t.Helper()
	cfg, err := daemon.Parse(w.env)
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := daemon.Check(w.ctx, cfg, w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.String()
	}
	return strings.Join(slices.Compact(lines), "\n")
}
