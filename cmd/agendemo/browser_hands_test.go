package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

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
