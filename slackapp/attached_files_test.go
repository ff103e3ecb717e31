package slackapp

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestComposeFiles(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		big := strings.Repeat("x", maxInlineFile+1)
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.WithFiles(
			slacktest.File{ID: "F1", Name: "trace.txt", Mode: "snippet", Content: []byte("a\r\n```\nb\n")},
			slacktest.File{ID: "F2", Name: "main.go", Mimetype: "application/octet-stream", Filetype: "go", Content: []byte("package main")},
			slacktest.File{ID: "F3", Name: "shot [1].png", Mimetype: "image/png", Content: []byte{1}},
			slacktest.File{ID: "F4", Name: "big.txt", Content: []byte(big)},
			slacktest.File{ID: "F5", Name: "liar.txt", Content: []byte(big), Size: 10},
			slacktest.File{ID: "F6", Name: "binary.txt", Content: []byte{'a', 0, 'b'}},
			slacktest.File{ID: "F7", Name: "secret.txt", Content: []byte("x"), Unreadable: true},
			slacktest.File{ID: "F8", Name: "shared.txt", Content: []byte("from elsewhere"), CheckInfo: true},
			slacktest.File{ID: "F9", Name: "drive.txt", Mode: "external", ExternalURL: "https://drive.example.com/x"},
			slacktest.File{ID: "F10", Name: "old.txt", Mode: "hidden_by_limit"},
		))
		m := w.message(t, w.dev.ID, ts, ts)
		p := w.compose(t, m, bridge.PromptContext{})
		golden(t, "files", p.Text)
		want := bridge.Omissions{
			Unopened: []string{"shot 1.png", "big.txt", "liar.txt", "binary.txt", "drive.txt", "F10"}, Unreadable: []string{"secret.txt"},
		}
		if diff := cmp.Diff(want, p.Omitted); diff != "" {
			t.Error(diff)
		}
		for _, f := range []struct {
			kind  slacktest.FaultKind
			class bridge.FaultClass
		}{
			{slacktest.ServerError, bridge.ClassTemporary},
			{slacktest.CutConnection, bridge.ClassTemporary},
			{slacktest.RateLimited, bridge.ClassRateLimited},
		} {
			fault := w.Inject(slacktest.Fault{Kind: f.kind, Method: "file", Count: -1})
			if _, err := w.app.Compose(t.Context(), m, bridge.PromptContext{}); !errors.Is(err, f.class) {
				t.Errorf("%s: %v, want %s", f.kind, err, f.class)
			}
			fault.Remove()
		}
	})
}

func TestComposeLooksUpFilesOfSlackConnect(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		w.Say(w.ann.ID, w.dev.ID, "look", slacktest.WithFiles(
			slacktest.File{ID: "F8", Name: "shared.txt", Content: []byte("from elsewhere"), CheckInfo: true}))
		var f file
		if err := json.Unmarshal([]byte(`{"id":"F8","mode":"file_access","file_access":"check_file_info"}`), &f); err != nil {
			t.Fatal(err)
		}
		m := bridge.Message{Body: messageBody{Channel: w.dev.ID, TS: "1.000001", User: w.ann.ID, Files: []file{f}}.encode()}
		if got, want := w.compose(t, m, bridge.PromptContext{}).Text, "Ann Lee writes in Slack:\n\nshared.txt:\n```\nfrom elsewhere\n```"; got != want {
			t.Errorf("composed %q, want %q", got, want)
		}
		w.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "files.info", Error: "file_not_found"})
		if p := w.compose(t, m, bridge.PromptContext{}); fmt.Sprint(p.Omitted.Unreadable) != "[F8]" {
			t.Errorf("a file that is gone: unreadable %q", p.Omitted.Unreadable)
		}
	})
}

// TestWhatCantBeReadIsLeftOutOnTheLastTry: until then it is an error, and what can be read goes along in any case.
func TestWhatCantBeReadIsLeftOutOnTheLastTry(t *testing.T) {
	readable := slacktest.File{ID: "F1", Name: "good.txt", Content: []byte("fine")}
	for name, c := range map[string]struct {
		file  slacktest.File
		fault slacktest.FaultKind
	}{
		"403":                   {slacktest.File{Status: 403}, ""},
		"502":                   {slacktest.File{Status: 502}, ""},
		"hang":                  {slacktest.File{}, slacktest.Hang},
		"HTML":                  {slacktest.File{}, slacktest.GarbageAnswer},
		"HTML instead of HTML":  {slacktest.File{Mimetype: "text/html"}, slacktest.GarbageAnswer},
		"cut":                   {slacktest.File{}, slacktest.CutConnection},
		"still being processed": {slacktest.File{Unprocessed: 100}, ""},
		"404":                   {slacktest.File{Status: 404}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				c.file.ID, c.file.Name, c.file.Content = "F2", "trace.txt", []byte("panic")
				ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.WithFiles(c.file, readable))
				m := w.message(t, w.dev.ID, ts, ts)
				if c.fault != "" {
					held := w.Inject(slacktest.Fault{Kind: c.fault, Method: "file", Count: -1, Match: func(r slacktest.Request) bool {
						return strings.Contains(r.Args["file"], "F2")
					}})
					defer held.Release()
				}
				began := time.Now()
				if _, err := w.app.Compose(t.Context(), m, bridge.PromptContext{}); !errors.Is(err, bridge.ClassTemporary) {
					t.Errorf("first try: %v, want it to be tried again", err)
				}
				p := w.compose(t, m, bridge.PromptContext{LastTry: true})
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("two tries took %s", took)
				}
				if diff := cmp.Diff(bridge.Omissions{Unreadable: []string{"trace.txt"}}, p.Omitted); diff != "" {
					t.Error(diff)
				}
				if !strings.Contains(p.Text, "couldn't be read") || !strings.Contains(p.Text, "good.txt:\n```\nfine\n```") || strings.Contains(p.Text, "Something went wrong") {
					t.Errorf("composed %q", p.Text)
				}
			})
		})
	}
}

func TestAFileThatIsStillProcessedIsAskedForAgain(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		ts := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.WithFiles(
			slacktest.File{ID: "F1", Name: "trace.txt", Content: []byte("panic"), Unprocessed: 2}))
		m := w.message(t, w.dev.ID, ts, ts)
		for range 2 {
			if _, err := w.app.Compose(t.Context(), m, bridge.PromptContext{}); !errors.Is(err, bridge.ClassTemporary) {
				t.Fatalf("got %v, want a temporary fault", err)
			}
		}
		if p := w.compose(t, m, bridge.PromptContext{}); !strings.Contains(p.Text, "trace.txt:\n```\npanic\n```") {
			t.Errorf("composed %q", p.Text)
		}
	})
}

// TestTextThatSlackGivesWithAFileGoesAlong covers what no download has as text.
func TestTextThatSlackGivesWithAFileGoesAlong(t *testing.T) {
	for name, c := range map[string]struct {
		file  slacktest.File
		extra map[string]any
		want  string
	}{
		"mail": {
			slacktest.File{Name: "Outage", Mode: "email", Mimetype: "text/html", Filetype: "email"},
			map[string]any{"plain_text": "Checkout is down.\r\nPlease look.", "preview": "<div>Checkout"},
			"Outage:\n```\nCheckout is down.\nPlease look.\n```",
		},
		"long mail": {
			slacktest.File{Name: "Outage", Mode: "email", Mimetype: "text/html", Filetype: "email"},
			map[string]any{"preview_plain_text": "Checkout is", "has_more": true},
			"Outage, only its beginning:\n```\nCheckout is\n```\n\nAttached in Slack:\n- [Outage](",
		},
		"post": {
			slacktest.File{Name: "Plan", Mode: "space", Mimetype: "text/plain", Filetype: "space"},
			map[string]any{"preview": "<document><p>First &amp; last</p><p>Then</p></document>"},
			"Plan:\n```\nFirst & last\nThen\n```",
		},
		"recording": {
			slacktest.File{Name: "clip.m4a", Mimetype: "audio/mp4", Filetype: "m4a"},
			map[string]any{"transcription": map[string]any{"status": "complete", "preview": map[string]any{"content": "roll it back", "has_more": false}}},
			"clip.m4a:\n```\nroll it back\n```",
		},
		"snippet whose content is kept from us": {
			slacktest.File{Name: "x.go", Mode: "snippet", Content: []byte("package x"), Unreadable: true},
			nil,
			"x.go:\n```\npackage x\n```",
		},
		"image with a description": {
			slacktest.File{Name: "login.png", Mimetype: "image/png", Size: 3 << 20},
			map[string]any{"alt_txt": "a red page"},
			"(image/png, 3.0 MB, described as “a red page”): you can't open this link",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
				c.file.Extra = c.extra
				root := w.Say(w.ann.ID, w.dev.ID, "what happened", slacktest.WithFiles(c.file))
				own := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.WithFiles(c.file), slacktest.InThread(root))
				if p := w.compose(t, w.message(t, w.dev.ID, root, own), bridge.PromptContext{}); !strings.Contains(p.Text, c.want) {
					t.Errorf("with the message: composed %q, want %q in it", p.Text, c.want)
				}
				ask := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.InThread(root))
				quoted := "> " + strings.ReplaceAll(strings.ReplaceAll(c.want, "\n", "\n> "), "\n> \n", "\n>\n")
				if strings.HasPrefix(c.want, "(") {
					quoted = c.want
				}
				if p := w.compose(t, w.message(t, w.dev.ID, root, ask), bridge.PromptContext{NewSession: true}); !strings.Contains(p.Text, quoted) {
					t.Errorf("with the thread's root: composed %q, want %q in it", p.Text, quoted)
				}
			})
		})
	}
}

// TestFilesOfTheRootAreReadLikeOnesOwn: a thread is often about them.
func TestFilesOfTheRootAreReadLikeOnesOwn(t *testing.T) {
	inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
		root := w.Say(w.ann.ID, w.dev.ID, "it crashed", slacktest.WithFiles(
			slacktest.File{ID: "F1", Name: "trace.txt", Content: []byte("panic: nil map")},
			slacktest.File{ID: "F2", Name: "shot.png", Mimetype: "image/png", Content: []byte{1}},
			slacktest.File{ID: "F3", Name: "gone.txt", Content: []byte("x"), Status: 502}))
		ask := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> look", slacktest.InThread(root))
		m := w.message(t, w.dev.ID, root, ask)
		if _, err := w.app.Compose(t.Context(), m, bridge.PromptContext{NewSession: true}); !errors.Is(err, bridge.ClassTemporary) {
			t.Errorf("first try: %v, want it to be tried again", err)
		}
		p := w.compose(t, m, bridge.PromptContext{NewSession: true, LastTry: true})
		golden(t, "root_files", p.Text)
		if diff := cmp.Diff(bridge.Omissions{Unopened: []string{"shot.png"}, Unreadable: []string{"gone.txt"}}, p.Omitted); diff != "" {
			t.Error(diff)
		}
	})
}

func TestABackgroundThatCantBeReadIsLeftOutOnTheLastTry(t *testing.T) {
	for _, fault := range []slacktest.Fault{
		{Kind: slacktest.ErrorAnswer, Error: "internal_error"}, {Kind: slacktest.ServerError}, {Kind: slacktest.Hang},
	} {
		inBubble(t, slacktest.Config{}, nil, func(t *testing.T, w *world) {
			root, mention := alert(w)
			m := w.message(t, w.dev.ID, root, mention)
			begins := w.Say(w.ann.ID, w.dev.ID, "<@U0AGEN> hello")
			first := w.message(t, w.dev.ID, begins, begins)
			fault.Method, fault.Count = "conversations.replies", -1
			held := w.Inject(fault)
			defer held.Release()
			if _, err := w.app.Compose(t.Context(), m, bridge.PromptContext{NewSession: true}); !errors.Is(err, bridge.ClassTemporary) {
				t.Errorf("%s: first try: %v, want it to be tried again", fault.Kind, err)
			}
			p := w.compose(t, m, bridge.PromptContext{NewSession: true, LastTry: true})
			golden(t, "bare", p.Text)
			if !p.Omitted.Background {
				t.Errorf("%s: nobody is told", fault.Kind)
			}
			if p := w.compose(t, first, bridge.PromptContext{NewSession: true, LastTry: true}); p.Omitted.Background {
				t.Errorf("%s: before the root there was nothing that could be left out", fault.Kind)
			}
		})
	}
}
