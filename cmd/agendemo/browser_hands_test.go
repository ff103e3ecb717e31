package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// size sets the size of the window, in CSS pixels, and the color scheme.
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

// eval evaluates an expression in the page, waits for it if it is a promise, and decodes its value.
func (b *browser) eval(expression string, result any) {
	b.t.Helper()
	if err := b.try(expression, result); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// try is like eval and returns an error, for example if the page is replaced by another one meanwhile.
func (b *browser) try(expression string, result any) error {
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description, Value any }
		}
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), slow+10*time.Second)
	defer cancel()
	raw, err := b.send(ctx, "Runtime.evaluate", args{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil {
		return err
	}
	if e := got.ExceptionDetails; e != nil {
		return fmt.Errorf("%s %v %v", e.Text, e.Exception.Description, e.Exception.Value) //nolint:err113 // the text is the page's
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(got.Result.Value, result)
}

// sees waits until a condition holds in the page. It evaluates the condition whenever the page changes.
func (b *browser) sees(what, condition string) {
	b.t.Helper()
	var held bool
	asked := fmt.Sprintf(`new Promise((done) => {
		const holds = () => { try { return !!(%s); } catch { return false; } };
		const end = (held) => { watch.disconnect(); clearTimeout(late); done(held); };
		const watch = new MutationObserver(() => holds() && end(true));
		watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
		const late = setTimeout(() => end(holds()), %d);
		if (holds()) end(true);
	})`, condition, slow.Milliseconds())
	err := b.try(asked, &held)
	if err != nil { // the page may have been replaced by the one that is waited for
		err = b.try(asked, &held)
	}
	if err == nil && held {
		return
	}
	var text string
	b.eval("document.body.innerText", &text)
	b.t.Fatalf("the page never showed %s (%v); it shows:\n%s\ncomplaints: %v", what, err, text, b.complaints())
}

// write types a text into the focused element.
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

// click waits until the expression finds an element, and clicks the middle of it.
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

// shoot saves a screenshot of the page.
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
