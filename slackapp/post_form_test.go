package slackapp

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestARefusedFormIsFollowedByASimplerOne(t *testing.T) {
	for _, code := range []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				thread := location{w.dev.ID, w.root}.key("T0ACME")
				w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: code, Count: -1, Match: func(r slacktest.Request) bool {
					return r.Args["blocks"] != ""
				}})
				_, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "**R&D** <b>", Markdown: true})
				if !errors.Is(err, bridge.ClassFormRefused) {
					t.Errorf("%v, want form_refused: it can still be shown as text", err)
				}
				ts, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "R&D <b> __init__ <@U0ANN>", Markdown: true, Plain: true})
				if err != nil {
					t.Fatal(err)
				}
				if m, _ := w.Message(w.dev.ID, ts); m.Text != "R&amp;D &lt;b&gt; __init__ &lt;@U0ANN&gt;" || len(m.Blocks) > 0 {
					t.Errorf("shown as %q %s", m.Text, m.Blocks)
				}
				note := bridge.Post{Key: "q", Ask: true, Text: "*Keep it?*", Buttons: []bridge.Button{{Action: "choose:0", Label: "Yes & no"}}}
				if ts, err = w.app.Post(t.Context(), thread, note); err != nil {
					t.Fatal(err)
				}
				if m, _ := w.Message(w.dev.ID, ts); m.Text != "*Keep it?*\n• Yes &amp; no" || len(m.Blocks) > 0 {
					t.Errorf("the question is shown as %q %s", m.Text, m.Blocks)
				}
			})
		})
	}
}

func TestPlainPartsAreShortAndLoseNothing(t *testing.T) {
	var lines []string
	for i := range 700 {
		lines = append(lines, fmt.Sprintf("if a < %d && b > 0 { ok() }", i))
	}
	parts := PlainParts("```go\n" + strings.Join(lines, "\n") + "\n```")
	for _, part := range parts {
		if n := utf8.RuneCountInString(html.EscapeString(part)); n > maxText {
			t.Errorf("a part has %d characters as it is sent", n)
		}
	}
	if got := strings.Join(parts, "\n"); got != strings.Join(lines, "\n") {
		t.Errorf("the parts say %q", got)
	}
	if parts := PlainParts(strings.Repeat("<", 20_000)); len(parts) != maxPlainParts || !strings.HasSuffix(parts[maxPlainParts-1], cutShort) {
		t.Errorf("%d parts, and the last one doesn't say that more is missing", len(parts))
	}
}

func TestPostToADeletedThreadIsReportedWithWhereItLanded(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(w *world) string
		want    bridge.FaultClass
	}{
		"gone": {func(w *world) string {
			root := w.Say(w.ann.ID, w.dev.ID, "soon gone")
			w.Delete(w.ann.ID, w.dev.ID, root)
			return root
		}, bridge.ClassThreadDeleted},
		"there": {func(w *world) string {
			w.Inject(slacktest.Fault{Kind: slacktest.Unthreaded, Method: "chat.postMessage"})
			return w.root
		}, bridge.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				thread := location{w.dev.ID, c.prepare(w)}.key("T0ACME")
				ts, err := w.app.Post(t.Context(), thread, bridge.Post{Key: "k", Text: "x"})
				if _, ok := w.Message(w.dev.ID, ts); !ok || !errors.Is(err, c.want) {
					t.Errorf("Post = %q, %v, want the ts in the channel and %s", ts, err, c.want)
				}
				if found, err := w.app.FindPost(t.Context(), thread, "k"); c.want == bridge.ClassThreadDeleted && (found != ts || !errors.Is(err, c.want)) {
					t.Errorf("FindPost = %q, %v", found, err)
				}
				found, err := w.app.FindPost(t.Context(), thread, "other")
				if found != "" || errors.Is(err, bridge.ClassNotFound) != (c.want == bridge.ClassThreadDeleted) {
					t.Errorf("FindPost of what is nowhere = %q, %v", found, err)
				}
			})
		})
	}
}
