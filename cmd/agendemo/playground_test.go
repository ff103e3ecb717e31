package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

var (
	shots   = flag.String("shots", "", "keep pictures of the playground in this folder")
	picture = flag.Bool("picture", false, "make the README's picture of the playground anew")
)

// serveHere runs a playground until the test ends, and returns its URL.
func serveHere(t *testing.T) string {
	t.Helper()
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	log, ended := &logbook{}, make(chan error, 1)
	go func() { ended <- host(ctx, l, log) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the playground ended with %v; the bridge's log ends with\n%s", err, log.end())
		}
	})
	return "http://" + l.Addr().String() + "/"
}

// visit is a browser with the playground open.
type visit struct {
	*browser
	url string
}

func (v *visit) keep(name string) {
	v.t.Helper()
	if *shots != "" {
		v.shoot(filepath.Join(*shots, name+".png"))
	}
}

// says types a text into a box and sends it.
func (v *visit) says(box, text string) {
	v.t.Helper()
	v.eval(fmt.Sprintf(`document.getElementById(%q).focus()`, box), nil)
	v.write(text)
	v.press("Enter")
	v.sees("what was said: "+text, has("#replies .message, #messages .message", text))
}

const (
	channelBox = "compose-channel-text"
	threadBox  = "compose-thread-text"
)

// has returns an expression: whether an element that matches the selector contains the text.
func has(selector, text string) string { return lastWith(selector, text) + " !== undefined" }

// lastWith returns an expression for the last such element.
func lastWith(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => e.textContent.includes(%q)).at(-1)`, selector, text)
}

func TestPlaygroundInABrowser(t *testing.T) {
	v := &visit{newBrowser(t), serveHere(t)}
	v.size(1440, 900, false)
	v.open(v.url)
	for _, step := range []struct {
		name string
		do   func(*visit)
	}{
		{"a mention, by keyboard", mentions},
		{"a question", asked},
		{"an edit and a deletion", changes},
		{"a guest and a direct conversation", others},
		{"faults", faults},
		{"a kill", kills},
		{"an outage", absent},
		{"dark", darkens},
		{"a phone", phones},
	} {
		// Each step depends on the one before.
		if !t.Run(step.name, func(t *testing.T) {
			v.t = t
			step.do(v)
		}) {
			break
		}
	}
	v.t = t
	if wrong := v.complaints(); len(wrong) > 0 {
		t.Errorf("the page complained: %s", strings.Join(wrong, "\n"))
	}
}
