package main

import (
	"bufio"
	"context"
	"encoding/base64"
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

// browser is a Chromium without a window, driven over a pipe with its own protocol
// (https://chromedevtools.github.io/devtools-protocol/): a message is JSON and ends with a zero byte.
type browser struct {
	t   *testing.T
	cmd *exec.Cmd
	out *os.File // to the browser
	in  *os.File // from the browser

	mu      sync.Mutex
	last    int
	waiting map[int]chan message
	session string
	wrong   []string // what the page complained of
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

// slow is how long a busy machine may take for one thing.
const slow = 90 * time.Second

// newBrowser starts a browser with one page. Without one on this machine the test is skipped, or fails where all of
// them must run.
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
	b.cmd = exec.CommandContext(context.Background(), path, // it outlives the test, until leave
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

// leave ends the browser. It may have children, which end with it when it ends in order.
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

// read takes what the browser says until it ends.
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

// complaints are the errors that the page made so far: scripts that failed, what its policy forbade.
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
			return nil, fmt.Errorf("%s: %s", method, got.Error.Message) //nolint:err113 // it is the browser's text
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

// attach makes the browser's one page this test's.
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

// size makes the window so large, in CSS pixels, and dark if wanted.
func (b *browser) size(width, height int, dark bool) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", args{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
	}, nil)
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	b.call("Emulation.setEmulatedMedia", args{"features": []args{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.call("Page.navigate", args{"url": url}, nil)
	b.sees("the page", `document.body?.dataset.ready === "yes"`)
}

// eval runs an expression in the page and decodes what it, or the promise that it is, comes to.
func (b *browser) eval(expression string, result any) {
	b.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description, Value any }
		}
	}
	b.call("Runtime.evaluate", args{"expression": expression, "awaitPromise": true, "returnByValue": true}, &got)
	if e := got.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %v %v", expression, e.Text, e.Exception.Description, e.Exception.Value)
	}
	if result != nil {
		if err := json.Unmarshal(got.Result.Value, result); err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// sees waits until a condition holds in the page. It is asked again whenever the page changes.
func (b *browser) sees(what, condition string) {
	b.t.Helper()
	var held bool
	b.eval(fmt.Sprintf(`new Promise((done) => {
		const holds = () => { try { return !!(%s); } catch { return false; } };
		const end = (held) => { watch.disconnect(); clearTimeout(late); done(held); };
		const watch = new MutationObserver(() => holds() && end(true));
		watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
		const late = setTimeout(() => end(holds()), %d);
		if (holds()) end(true);
	})`, condition, slow.Milliseconds()), &held)
	if held {
		return
	}
	var text string
	b.eval("document.body.innerText", &text)
	b.t.Fatalf("the page never showed %s; it shows:\n%s\ncomplaints: %v", what, text, b.complaints())
}

// write types a text where the focus is.
func (b *browser) write(text string) {
	b.t.Helper()
	b.call("Input.insertText", args{"text": text}, nil)
}

// press presses a key: Enter, Tab, Escape, ArrowUp.
func (b *browser) press(key string) {
	b.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "ArrowUp": 38, " ": 32}
	params := args{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	if key == "Enter" {
		params["text"] = "\r"
	}
	b.call("Input.dispatchKeyEvent", params, nil)
	params["type"] = "keyUp"
	b.call("Input.dispatchKeyEvent", params, nil)
}

// click clicks the middle of the element that an expression finds, once it is there.
func (b *browser) click(what, expression string) {
	b.t.Helper()
	b.sees(what, expression)
	var at struct{ X, Y float64 }
	b.eval(`(() => { const e = `+expression+`; e.scrollIntoView({ block: "center" });
		const r = e.getBoundingClientRect(); return { X: r.x + r.width / 2, Y: r.y + r.height / 2 }; })()`, &at)
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		b.call("Input.dispatchMouseEvent", args{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// shoot keeps a picture of the page.
func (b *browser) shoot(path string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", args{"format": "png"}, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(path, picture, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
