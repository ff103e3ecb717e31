package slackapp

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func isClass(err error, class bridge.FaultClass) bool { return errors.Is(err, class) }

func TestClassifyByFacts(t *testing.T) {
	const done = bridge.FaultClass("")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ok := `{"ok":true,"ts":"1.000001"}`
	refused := func(code string) answer {
		return answer{status: 200, body: []byte(`{"ok":false,"error":"` + code + `"}`)}
	}
	tests := []struct {
		name string
		a    answer
		// read is the class for what may be repeated, post for what may not.
		read, post bridge.FaultClass
		wait       time.Duration
		reason     string
	}{
		{"done", answer{status: 200, body: []byte(ok)}, done, done, 0, ""},
		{"done, in another order", answer{status: 200, body: []byte(`{"ts":"1.000001", "ok" : true}`)}, done, done, 0, ""},
		{"nothing left", answer{err: io.EOF}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"broke off after the head left", answer{err: io.EOF, sent: true}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"answer broke off", answer{status: 200, body: []byte(`{"ok":`), bodyErr: io.ErrUnexpectedEOF}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"answer broke off behind the ok", answer{status: 200, body: []byte(`{"ok":true,"ts"`), bodyErr: io.ErrUnexpectedEOF}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"429 with seconds", answer{status: 429, retryAfter: "7"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 7 * time.Second, "ratelimited"},
		{"429 with a date", answer{status: 429, retryAfter: "Mon, 23 Nov 2026 12:00:09 GMT"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 9 * time.Second, "ratelimited"},
		{"429 without", answer{status: 429}, bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"429 with nonsense", answer{status: 429, retryAfter: "-soon"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"429 for a century", answer{status: 429, retryAfter: "3155760000"}, bridge.ClassRateLimited, bridge.ClassRateLimited, time.Hour, "ratelimited"},
		{"ratelimited as a code", refused("ratelimited"), bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"rate_limited as a code", refused("rate_limited"), bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "rate_limited"},
		{"500", answer{status: 500, body: []byte("<html>")}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"503 with a wait", answer{status: 503, retryAfter: "5"}, bridge.ClassTemporary, bridge.ClassUnsure, 5 * time.Second, ""},
		{"a proxy's 407", answer{status: 407, body: []byte("<html>")}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"404", answer{status: 404, body: []byte("not found")}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"a redirect", answer{status: 302}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"too large", answer{status: 413}, bridge.ClassRejected, bridge.ClassRejected, 0, "request_too_large"},
		{"a page to sign in", answer{status: 200, body: []byte("<html>hello")}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"JSON that is no answer", answer{status: 200, body: []byte(`{"hello":1}`)}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"nothing", answer{status: 200}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"refused without a word", refused(""), bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"refused with a number", answer{status: 200, body: []byte(`{"ok":false,"error":7}`)}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"refused with another status", answer{status: 400, body: []byte(`{"ok":false,"error":"channel_not_found"}`)}, bridge.ClassNotInChannel, bridge.ClassNotInChannel, 0, "channel_not_found"},
		{"missing_scope", answer{status: 200, body: []byte(`{"ok":false,"error":"missing_scope","needed":"reactions:write","provided":"chat:write"}`)}, bridge.ClassRejected, bridge.ClassRejected, 0, "missing_scope: reactions:write"},
		{"a code of the future", refused("brand_new"), bridge.ClassRejected, bridge.ClassRejected, 0, "brand_new"},
		{"a code that is none", refused("<!channel>\\n`x`" + strings.Repeat("y", 200)), bridge.ClassRejected, bridge.ClassRejected, 0, "an_unknown_error"},
	}
	for code, class := range map[string][2]bridge.FaultClass{
		"invalid_auth":               {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"account_inactive":           {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"not_authed":                 {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"token_revoked":              {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"token_expired":              {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"fatal_error":                {bridge.ClassTemporary, bridge.ClassUnsure},
		"internal_error":             {bridge.ClassTemporary, bridge.ClassUnsure},
		"service_unavailable":        {bridge.ClassTemporary, bridge.ClassUnsure},
		"request_timeout":            {bridge.ClassTemporary, bridge.ClassUnsure},
		"team_added_to_org":          {bridge.ClassTemporary, bridge.ClassTemporary},
		"org_login_required":         {bridge.ClassTemporary, bridge.ClassTemporary},
		"external_channel_migrating": {bridge.ClassTemporary, bridge.ClassTemporary},
		"channel_not_found":          {bridge.ClassNotInChannel, bridge.ClassNotInChannel},
		"not_in_channel":             {bridge.ClassNotInChannel, bridge.ClassNotInChannel},
		"is_archived":                {bridge.ClassRejected, bridge.ClassRejected},
		"msg_too_long":               {bridge.ClassRejected, bridge.ClassRejected},
		"no_text":                    {bridge.ClassRejected, bridge.ClassRejected},
		"restricted_action":          {bridge.ClassRejected, bridge.ClassRejected},
		"invalid_blocks":             {bridge.ClassRejected, bridge.ClassRejected},
		"cant_update_message":        {bridge.ClassRejected, bridge.ClassRejected},
		"edit_window_closed":         {bridge.ClassRejected, bridge.ClassRejected},
		"message_not_found":          {bridge.ClassRejected, bridge.ClassRejected},
		"user_not_in_channel":        {bridge.ClassRejected, bridge.ClassRejected},
		"not_allowed_token_type":     {bridge.ClassRejected, bridge.ClassRejected},
	} {
		tests = append(tests, struct {
			name       string
			a          answer
			read, post bridge.FaultClass
			wait       time.Duration
			reason     string
		}{code, refused(code), class[0], class[1], 0, code})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range []call{{method: "users.info"}, {method: "chat.postMessage", channel: "C1", once: true}} {
				want := tt.read
				if c.once {
					want = tt.post
				}
				f := c.classify(tt.a, now)
				if f == nil {
					if want != done {
						t.Errorf("%s succeeded, want %s", c.method, want)
					}
					continue
				}
				if f.Class != want || f.Wait != tt.wait || f.Reason != tt.reason {
					t.Errorf("%s: %s wait %s reason %q, want %s wait %s reason %q",
						c.method, f.Class, f.Wait, f.Reason, want, tt.wait, tt.reason)
				}
			}
		})
	}
}

func TestClassifyReactions(t *testing.T) {
	// https://docs.slack.dev/reference/methods/reactions.add#errors: not worth waiting for.
	for _, code := range []string{
		"message_not_found", "is_archived", "thread_locked", "not_reactable", "too_many_emoji",
		"too_many_reactions", "no_access", "external_channel_migrating", "invalid_name", "bad_timestamp", "no_item_specified",
	} {
		for _, method := range []string{"reactions.add", "reactions.remove"} {
			f := call{method: method}.classify(answer{status: 200, body: []byte(`{"ok":false,"error":"` + code + `"}`)}, time.Now())
			if f == nil || f.Class != bridge.ClassRejected || f.Reason != code {
				t.Errorf("%s %s: %+v, want rejected", method, code, f)
			}
		}
	}
}

func TestClassifyOpeningSockets(t *testing.T) {
	f := call{method: methodOpen}.classify(answer{status: 200, body: []byte(`{"ok":false,"error":"not_allowed_token_type"}`)}, time.Now())
	if f == nil || f.Class != bridge.ClassUnauthorized {
		t.Errorf("a bot token for a socket: %+v, want unauthorized", f)
	}
}

func TestLimiterLetsOneAtATimeThroughAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l limiter
		through := func() (n int) {
			for range 10 {
				if wait, paced := l.enter("a"); wait <= 0 {
					n++
					if paced {
						l.passed("a")
					}
				}
			}
			return n
		}
		if n := through(); n != 10 {
			t.Errorf("fresh: %d of 10 are let through", n)
		}
		l.rest("a", time.Minute)
		l.rest("a", time.Second) // the longer one holds
		if wait, _ := l.enter("a"); wait != time.Minute {
			t.Errorf("wait %s, want a minute", wait)
		}
		time.Sleep(time.Minute)
		// One at once, then 3 s, 1.5 s and 0.75 s later, and with that as many as come.
		for i, after := range []time.Duration{0, 3 * time.Second, 1500 * time.Millisecond, 750 * time.Millisecond} {
			time.Sleep(after)
			if n := through(); i < 3 && n != 1 {
				t.Errorf("turn %d: %d of 10 are let through", i, n)
			} else if i == 3 && n != 10 {
				t.Errorf("in the end: %d of 10 are let through", n)
			}
		}
	})
}

func TestLimiterForgetsWhatIsOver(t *testing.T) {
	var l limiter
	l.rest("a", time.Minute)
	l.rest("b", -time.Minute)
	l.rest("c", time.Minute)
	if len(l.turns) != 2 {
		t.Errorf("%d kept, want 2", len(l.turns))
	}
}
