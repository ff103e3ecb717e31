package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// browser is a headless Chromium, controlled over a pipe with its DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/): each message is JSON and ends with a zero byte.
type browser struct {
	t   *testing.T
	cmd *exec.Cmd
	out *os.File // to the browser
	in  *os.File // from the browser

	mu      sync.Mutex
	last    int
	waiting map[int]chan message
	session string
	wrong   []string // the errors that the page reported
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	Session string `json:"sessionId,omitempty"`
}

// slow is how long one thing may take on a busy machine.
const slow = 90 * time.Second

// newBrowser starts a browser with one page. If this machine has no browser, the test is skipped, or fails in CI.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("there is no chromium, and in CI it must be there")
	case err != nil:
		t.Skip("there is no chromium: install Debian's package of that name to run this test")
	}
	b := &browser{t: t, waiting: map[int]chan message{}}
	theirIn, out := pipe(t)
	in, theirOut := pipe(t)
	b.in, b.out = in, out
	b.cmd = exec.CommandContext(context.Background(), path, // it must outlive the test's context, until leave
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--lang=en-GB",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4
	b.cmd.Env = append(os.Environ(), "TZ=UTC", "HOME="+t.TempDir())
	if err := b.cmd.Start(); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	for _, f := range []*os.File{theirIn, theirOut} {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var read sync.WaitGroup
	read.Go(b.read)
	t.Cleanup(func() {
		b.leave()
		read.Wait()
	})
	b.attach()
	return b
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// leave closes the browser. Its child processes end with it only if it is not killed.
func (b *browser) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := b.send(ctx, "Browser.close", nil); err != nil {
		b.t.Logf("close the browser: %v", err)
		if err := b.cmd.Process.Kill(); err != nil {
			b.t.Logf("kill the browser: %v", err)
		}
	}
	if err := errors.Join(b.cmd.Wait(), b.out.Close(), b.in.Close()); err != nil {
		b.t.Logf("the browser ended: %v", err)
	}
}

// read receives messages from the browser until it ends.
func (b *browser) read() {
	for r := bufio.NewReader(b.in); ; {
		raw, err := r.ReadBytes(0)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				b.t.Logf("read from the browser: %v", err)
			}
			return
		}
		var m message
		if err := json.Unmarshal(raw[:len(raw)-1], &m); err != nil {
			b.t.Errorf("the browser said %q: %v", raw, err)
			return
		}
		b.take(m)
	}
}

func (b *browser) take(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case m.ID != 0:
		if answer, ok := b.waiting[m.ID]; ok {
			answer <- m
			delete(b.waiting, m.ID)
		}
	case m.Method == "Runtime.exceptionThrown",
		m.Method == "Log.entryAdded" && strings.Contains(string(m.Params), `"level":"error"`):
		b.wrong = append(b.wrong, string(m.Params))
	}
}

// complaints returns the errors that the page has reported so far: failed scripts, and violations of its content
// security policy.
func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wrong
}

func (b *browser) send(ctx context.Context, method string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	m := message{ID: b.last, Method: method, Params: raw, Session: b.session}
	if strings.HasPrefix(method, "Browser.") {
		m.Session = ""
	}
	b.waiting[m.ID] = answer
	b.mu.Unlock()
	if params == nil {
		m.Params = nil
	}
	if raw, err = json.Marshal(m); err != nil {
		return nil, err
	}
	if _, err := b.out.Write(append(raw, 0)); err != nil {
		return nil, err
	}
	select {
	case got := <-answer:
		if got.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, got.Error.Message) //nolint:err113 // the text is the browser's
		}
		return got.Result, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// call sends a command and decodes what it returns into result, unless that is nil.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), slow+10*time.Second)
	defer cancel()
	raw, err := b.send(ctx, method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(raw, result)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

type args map[string]any

// attach attaches the test to the browser's only page.
func (b *browser) attach() {
	b.t.Helper()
	var made struct{ TargetID, SessionID string }
	b.call("Target.createTarget", args{"url": "about:blank"}, &made)
	b.call("Target.attachToTarget", args{"targetId": made.TargetID, "flatten": true}, &made)
	b.mu.Lock()
	b.session = made.SessionID
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
}
