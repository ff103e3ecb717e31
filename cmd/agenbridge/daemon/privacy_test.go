package daemon_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// These marks may appear only where they belong: tokens at their remotes, message
// text in Slack and Agen.
const (
	words  = "XWORDSX"
	tokenA = "xoxb-XTOKENX-bot"
	tokenB = "xapp-XTOKENX-app"
	tokenC = "XTOKENX-agen"
	tokenD = "XTOKENX-admin"
)

// remoteFault is one fault of either remote.
type remoteFault struct {
	name  string
	slack *slacktest.Fault
	agen  *agentest.Fault
}

// allFaults returns every fault that the test servers can inject, for every call.
// The faults that quote the request in the response quote the message text.
func allFaults() []remoteFault {
	echo := `{"error":{"message":"I don't like \"` + words + `\" from Bearer ` + tokenC + `"}}`
	all := []remoteFault{{name: "good"}}
	for _, status := range []int{400, 401, 403, 404, 409, 413, 422, 429, 500, 503} {
		all = append(all, remoteFault{fmt.Sprint("agen ", status), nil, &agentest.Fault{Status: status, Body: echo, Undocumented: true, Times: 4}})
	}
	all = append(all,
		remoteFault{"agen hangs", nil, &agentest.Fault{Hang: true, Times: 2}},
		remoteFault{"agen loses answers", nil, &agentest.Fault{Answer: agentest.AnswerNone, Times: 3}},
		remoteFault{"agen is cut", nil, &agentest.Fault{Answer: agentest.AnswerHalf, Times: 3}},
		remoteFault{"agen talks garbage", nil, &agentest.Fault{Times: 3, Rewrite: func([]byte) []byte { return []byte(words + " {") }}},
		remoteFault{"agen repeats itself", nil, &agentest.Fault{Apply: agentest.ApplyTwice, Times: 2}},
	)
	for _, kind := range []slacktest.FaultKind{
		slacktest.RateLimited, slacktest.RateLimitedSilent, slacktest.ServerError, slacktest.Hang, slacktest.CutConnection, slacktest.LoseAnswer,
		slacktest.CutHeaders, slacktest.CutBody, slacktest.GarbageAnswer, slacktest.MalformedBlock,
	} {
		for _, method := range []string{"", "chat.postMessage", "conversations.replies", "users.info", "reactions.add"} {
			all = append(all, remoteFault{fmt.Sprint("slack ", kind, " ", method), &slacktest.Fault{Kind: kind, Method: method, Count: 3}, nil})
		}
	}
	for _, code := range []string{"invalid_auth", "missing_scope", "msg_too_long", "not_in_channel", "is_archived", "internal_error", words, tokenA} {
		all = append(all, remoteFault{"slack answers " + code, &slacktest.Fault{Kind: slacktest.ErrorAnswer, Error: code, Count: 3}, nil})
	}
	return all
}

// TestNoSecretAndNoWordIsSeenWhateverGoesWrong runs a conversation under each
// fault, at log level debug. It then looks for the marks in the log, the metrics,
// the probes, the operator endpoints and the errors.
func TestNoSecretAndNoWordIsSeenWhateverGoesWrong(t *testing.T) {
	for _, bad := range allFaults() {
		t.Run(strings.ReplaceAll(bad.name, tokenA, "token"), func(t *testing.T) {
			inBubble(t, plan{
				slack: slacktest.Config{BotToken: tokenA, AppToken: tokenB},
				agen:  agentest.Config{Keys: map[string]string{tokenC: "ws_1"}},
				env: map[string]string{
					"SLACK_BOT_TOKEN": tokenA, "SLACK_APP_TOKEN": tokenB, "AGEN_API_KEY": tokenC, "ADMIN_TOKEN": tokenD, "MAX_AGE": "30m",
				},
			}, func(t *testing.T, w *town) {
				var held []func()
				if bad.slack != nil {
					held = append(held, w.slack.Inject(*bad.slack).Release)
				}
				if bad.agen != nil {
					held = append(held, w.agen.AddFault(*bad.agen).Release)
				}
				root := w.mention(words + " and a link <https://example.com/" + words + "|" + words + ">")
				w.reply(w.bob, root, words+" once more")
				edited := w.reply(w.ann, root, words+" in other words")
				w.slack.Edit(w.ann.ID, w.dev.ID, edited, words+" edited")
				time.Sleep(2 * time.Minute)
				w.slack.Cut(slacktest.Every)
				w.slack.SendEnvelope("events_api", []byte(`{"event":{"type":"message","text":"`+words+`","ts":7}}`))
				time.Sleep(time.Minute)
				for _, release := range held {
					release()
				}
				time.Sleep(40 * time.Minute)
				w.stop()
				w.wantUnseen(w.log.Tail(1 << 30))
			})
		})
	}
}

// wantUnseen fails if the text contains a mark.
func (w *town) wantUnseen(text string) {
	w.t.Helper()
	for line := range strings.Lines(text) {
		if shown := strings.ToUpper(line); strings.Contains(shown, words) || strings.Contains(shown, "XTOKENX") {
			w.t.Errorf("a mark is in: %.600s", line)
		}
	}
}

// TestNoSecretAndNoWordIsSeenByOperators calls all HTTP endpoints while messages
// wait.
func TestNoSecretAndNoWordIsSeenByOperators(t *testing.T) {
	w := newTown(t, plan{
		slack: slacktest.Config{BotToken: tokenA, AppToken: tokenB},
		agen:  agentest.Config{Keys: map[string]string{tokenC: "ws_1"}},
		env: map[string]string{
			"SLACK_BOT_TOKEN": tokenA, "SLACK_APP_TOKEN": tokenB, "AGEN_API_KEY": tokenC, "ADMIN_TOKEN": tokenD,
		},
		idle: true,
	})
	probe, admin := loopback(t), loopback(t)
	w.options.Probe, w.options.Admin = probe, admin
	w.agen.AddFault(agentest.Fault{Status: 401, Times: -1})
	w.start()
	w.connected()
	root := w.mention(words)
	w.slack.WaitFor("an acknowledgement", func() bool { return w.slack.Acked(w.dev.ID, root) })
	for _, base := range []string{"http://" + probe.Addr().String(), "http://" + admin.Addr().String()} {
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/", daemon.BackupPath, "/" + words} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w.wantUnseen(w.answer(method, base+path))
			}
		}
	}
	w.stop()
	w.wantUnseen(w.log.Tail(1 << 30))
}

// answer calls an endpoint without a token and returns the whole response.
func (w *town) answer(method, url string) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, method, url, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(resp.Header) + "\n" + string(body)
}

// loopback listens on a free port of the loopback interface.
func loopback(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
