package playground

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// stone is a process that does nothing. The page depends on the servers alone; the test of the command uses the real
// bridge.
type stone struct{}

func (stone) Kill() error { return nil }

func (stone) Stop() error { return nil }

// open is an AgenSwitch that does nothing.
type open struct{}

func (open) Open(context.Context) error { return nil }

func (open) Close() {}

// served is a playground with an HTTP server.
type served struct {
	*Playground
	t   *testing.T
	url string
}

// patience is how long one thing may take on a busy machine.
const patience = 30 * time.Second

func serve(t *testing.T) *served {
	t.Helper()
	slack, server := slacktest.New(SlackConfig()), agentest.New(AgenConfig())
	p, err := New(Config{
		Slack: slack, Agen: server, AgenSwitch: open{}, Start: func(func(error)) (Process, error) { return stone{}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		slack.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &served{p, t, "http://" + l.Addr().String()}
}

// ask sends a request and returns the status and the body of the response. change may change the request.
func (s *served) ask(method, path, body string, change func(*http.Request)) (int, string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

// does performs an action that must succeed, and returns the ts in the response.
func (s *served) does(name, body string) string {
	s.t.Helper()
	status, got := s.ask(http.MethodPost, "/act/"+name, body, nil)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", name, body, status, got)
	}
	var answer struct{ TS string }
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.TS
}

func TestRequestsOfOtherSitesAreRejected(t *testing.T) {
	s := serve(t)
	say := `{"user":"U0ANN","channel":"C0DEV","text":"hi"}`
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		method, path, body string
		change             func(*http.Request)
		want               int
	}{
		"itself":              {http.MethodPost, "/act/say", say, header("Origin", s.url), 200},
		"no browser":          {http.MethodPost, "/act/say", say, nil, 200},
		"a name bound anew":   {http.MethodGet, "/", "", func(r *http.Request) { r.Host = "evil.example" }, 421},
		"the same, acting":    {http.MethodPost, "/act/say", say, func(r *http.Request) { r.Host = "evil.example" }, 421},
		"another port's name": {http.MethodGet, "/", "", func(r *http.Request) { r.Host = "127.0.0.1:1" }, 421},
		"another origin":      {http.MethodPost, "/act/say", say, header("Origin", "https://evil.example"), 403},
		"an opaque origin":    {http.MethodPost, "/act/say", say, header("Origin", "null"), 403},
		"another site":        {http.MethodGet, "/events", "", header("Sec-Fetch-Site", "cross-site"), 403},
		"a form":              {http.MethodPost, "/act/say", say, header("Content-Type", "text/plain"), 415},
		"a link from outside": {http.MethodGet, "/", "", func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			if got, body := s.ask(c.method, c.path, c.body, c.change); got != c.want {
				t.Errorf("got %d %s, want %d", got, body, c.want)
			}
		})
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	files, err := fs.Glob(static, "static/*")
	if err != nil || len(files) < 5 {
		t.Fatalf("the page's files are %v, %v", files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(static, file)
		if err != nil {
			t.Fatal(err)
		}
		rest := strings.ReplaceAll(string(text), "http://www.w3.org/2000/svg", "")
		for _, outside := range []string{"http://", "https://", "//cdn", "@import", "innerHTML", "insertAdjacentHTML", "document.write"} {
			if strings.Contains(rest, outside) {
				t.Errorf("%s has %s in it", file, outside)
			}
		}
	}
	s := serve(t)
	_, page := s.ask(http.MethodGet, "/", "", nil)
	if !strings.Contains(page, "agenbridge playground") || strings.Contains(page, "style=") || strings.Contains(page, "onclick=") {
		t.Errorf("the page is %s", page)
	}
}

func TestActionsHaveTheirEffectInSlack(t *testing.T) {
	s := serve(t)
	ts := s.does("say", `{"user":"U0ANN","channel":"C0DEV","text":"@Agen look at <b> & #alerts"}`)
	reply := s.does("say", `{"user":"U0BOB","channel":"C0DEV","thread":"`+ts+`","text":"me too"}`)
	s.does("edit", `{"user":"U0BOB","channel":"C0DEV","ts":"`+reply+`","text":"me, too"}`)
	s.does("react", `{"user":"U0BOB","channel":"C0DEV","ts":"`+ts+`","name":"tada","on":true}`)
	thread := s.cfg.Slack.Thread("C0DEV", ts)
	if got, want := thread[0].Text, "<@U0AGEN> look at &lt;b&gt; &amp; <#C0ALERTS>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := thread[1]; m.Text != "me, too" || m.EditedTS == "" {
		t.Errorf("got %+v", m)
	}
	if r := thread[0].Reactions; len(r) != 1 || r[0].Name != "tada" {
		t.Errorf("got reactions %v", r)
	}
	s.does("react", `{"user":"U0BOB","channel":"C0DEV","ts":"`+ts+`","name":"tada"}`)
	s.does("delete", `{"user":"U0BOB","channel":"C0DEV","ts":"`+reply+`"}`)
	if m, _ := s.cfg.Slack.Message("C0DEV", reply); !m.Deleted {
		t.Error("the reply was not deleted")
	}
	// Saving the same text again is not an edit, as in Slack.
	s.does("edit", `{"user":"U0ANN","channel":"C0DEV","ts":"`+ts+`","text":"@Agen look at <b> & #alerts "}`)
	if m, _ := s.cfg.Slack.Message("C0DEV", ts); m.EditedTS != "" {
		t.Error("the message counts as edited")
	}
}

func TestImpossibleActionsAreRefusedWithAReason(t *testing.T) {
	s := serve(t)
	ts := s.does("say", `{"user":"U0ANN","channel":"C0DEV","text":"hi"}`)
	for name, c := range map[string]struct {
		act, body string
		want      int
		says      string
	}{
		"nothing":           {"say", `{"user":"U0ANN","channel":"C0DEV","text":" \n"}`, 400, "nothing to send"},
		"too much":          {"say", `{"user":"U0ANN","channel":"C0DEV","text":"` + strings.Repeat("x", maxText+1) + `"}`, 400, "longer"},
		"no JSON":           {"say", `{`, 400, "can't be read"},
		"far too much":      {"say", `{"text":"` + strings.Repeat("x", maxRequest) + `"}`, 400, "can't be read"},
		"a stranger":        {"say", `{"user":"U0EVE","channel":"C0DEV","text":"hi"}`, 400, "nobody"},
		"as the bot":        {"say", `{"user":"U0AGEN","channel":"C0DEV","text":"hi"}`, 400, "nobody"},
		"no channel":        {"say", `{"user":"U0ANN","channel":"C0NONE","text":"hi"}`, 404, "no such channel"},
		"no thread":         {"say", `{"user":"U0ANN","channel":"C0DEV","thread":"1.2","text":"hi"}`, 404, "no such message"},
		"another's message": {"edit", `{"user":"U0BOB","channel":"C0DEV","ts":"` + ts + `","text":"ho"}`, 400, "not the author"},
		"another's, gone":   {"delete", `{"user":"U0BOB","channel":"C0DEV","ts":"` + ts + `"}`, 400, "not the author"},
		"no button":         {"click", `{"user":"U0BOB","channel":"C0DEV","ts":"` + ts + `","action":"x"}`, 404, "no such button"},
		"no emoji":          {"react", `{"user":"U0BOB","channel":"C0DEV","ts":"` + ts + `","name":"nonsense","on":true}`, 400, "no emoji"},
		"unknown fault":     {"weather", `{"name":"snow","on":true}`, 400, "no such fault"},
		"started twice":     {"bridge", `{"on":true}`, 409, "running already"},
		"no such act":       {"dance", `{}`, 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, got := s.ask(http.MethodPost, "/act/"+c.act, c.body, nil)
			if status != c.want || !strings.Contains(got, c.says) {
				t.Errorf("got %d %s, want %d and %q", status, got, c.want, c.says)
			}
		})
	}
}

func TestSessionsAreShownAsText(t *testing.T) {
	s := serve(t)
	ses := s.cfg.Agen.AddSession("", agen.Session{})
	if _, err := s.cfg.Agen.AddEvent(ses.ID, agentest.AgentMessage("<script>alert(1)</script>")); err != nil {
		t.Fatal(err)
	}
	if status, got := s.ask(http.MethodGet, "/session/"+ses.ID, "", nil); status != 200 || !strings.Contains(got, "&lt;script&gt;") {
		t.Errorf("got %d %s", status, got)
	}
	if status, _ := s.ask(http.MethodGet, "/session/none", "", nil); status != 404 {
		t.Errorf("a session that isn't there: %d", status)
	}
}
