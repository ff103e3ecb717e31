package slacktest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// client is a bare Socket Mode client: it returns every frame and acknowledges only when told to.
type client struct {
	t      *testing.T
	conn   *websocket.Conn
	frames chan frame
	ended  chan struct{}
}

type frame struct {
	Type         string          `json:"type"`
	EnvelopeID   string          `json:"envelope_id"`
	Reason       string          `json:"reason"`
	RetryAttempt int             `json:"retry_attempt"`
	RetryReason  string          `json:"retry_reason"`
	Payload      json.RawMessage `json:"payload"`
	Connections  int             `json:"num_connections"`
}

func (f frame) eventID() string {
	var p struct {
		EventID string `json:"event_id"`
	}
	if json.Unmarshal(f.Payload, &p) != nil {
		return ""
	}
	return p.EventID
}

// reply is the response of a Web API method.
type reply struct {
	body       map[string]any
	status     int
	retryAfter string
}

func post(t *testing.T, st *slacktest.Started, method, token string, form url.Values) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.APIURL+method, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := st.Client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After")}
	return r, json.NewDecoder(resp.Body).Decode(&r.body)
}

// call is post and wants a response with ok:true.
func call(t *testing.T, st *slacktest.Started, method string, kv ...string) map[string]any {
	t.Helper()
	r, err := post(t, st, method, st.Config().BotToken, form(kv...))
	if err != nil || r.body["ok"] != true {
		t.Fatalf("%s: got %v, %v; want ok", method, r.body, err)
	}
	return r.body
}

// refused is post and wants an error, which it returns.
func refused(t *testing.T, st *slacktest.Started, method string, kv ...string) string {
	t.Helper()
	r, err := post(t, st, method, st.Config().BotToken, form(kv...))
	if err != nil || r.body["ok"] != false {
		t.Fatalf("%s: got %v, %v; want a refusal", method, r.body, err)
	}
	code, _ := r.body["error"].(string)
	return code
}

func form(kv ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return v
}

func dial(t *testing.T, st *slacktest.Started) *client {
	t.Helper()
	r, err := post(t, st, "apps.connections.open", st.Config().AppToken, nil)
	if err != nil || r.body["ok"] != true {
		t.Fatalf("open: got %v, %v", r.body, err)
	}
	link, _ := r.body["url"].(string)
	conn, resp, err := websocket.Dial(t.Context(), link, &websocket.DialOptions{HTTPClient: st.Client})
	if err != nil {
		t.Fatalf("dial %s: %v", link, err)
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	conn.SetReadLimit(-1)
	c := &client{t: t, conn: conn, frames: make(chan frame, 1000), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		for {
			_, raw, err := conn.Read(t.Context())
			if err != nil {
				return
			}
			var f frame
			if err := json.Unmarshal(raw, &f); err != nil {
				f.Type = "not json"
			}
			c.frames <- f
		}
	}()
	t.Cleanup(func() {
		_ = conn.CloseNow() // it may be closed already
		<-c.ended
	})
	if f := c.next(); f.Type != "hello" && f.Reason != "too_many_websockets" {
		t.Fatalf("got frame %+v first, want hello", f)
	}
	return c
}

func (c *client) next() frame {
	c.t.Helper()
	select {
	case f := <-c.frames:
		return f
	case <-time.After(time.Hour):
		c.t.Fatal("no frame for an hour")
		return frame{}
	}
}

func (c *client) ack(f frame) {
	c.t.Helper()
	raw, err := json.Marshal(map[string]string{"envelope_id": f.EnvelopeID})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, raw); err != nil {
		c.t.Fatalf("acknowledge: %v", err)
	}
}

func bubble(t *testing.T, cfg slacktest.Config, f func(t *testing.T, st *slacktest.Started, ann, dev string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := slacktest.NewInMemory(t, cfg)
		st.Patience = 24 * time.Hour
		ann := st.AddUser(slacktest.User{Name: "ann"})
		st.AddUser(slacktest.User{Name: "bob"})
		dev := st.AddChannel(slacktest.Channel{Name: "dev"})
		f(t, st, ann.ID, dev.ID)
	})
}
