package webapi

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestClassifyMapsOutcomesToFaultClasses(t *testing.T) {
	const done = bridge.FaultClass("")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ok := `{"ok":true,"ts":"1.000001"}`
	refused := func(code string) response {
		return response{status: 200, body: []byte(`{"ok":false,"error":"` + code + `"}`)}
	}
	tests := []struct {
		name string
		a    response
		// read is the class for an idempotent call, post for another.
		read, post bridge.FaultClass
		wait       time.Duration
		reason     string
	}{
		{"success", response{status: 200, body: []byte(ok)}, done, done, 0, ""},
		{"success, fields in another order", response{status: 200, body: []byte(`{"ts":"1.000001", "ok" : true}`)}, done, done, 0, ""},
		{"connection failed before the header was sent", response{err: io.EOF}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"connection lost after the header was sent", response{err: io.EOF, sent: true}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"body incomplete before ok", response{status: 200, body: []byte(`{"ok":`), bodyErr: io.ErrUnexpectedEOF}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"body incomplete after ok", response{status: 200, body: []byte(`{"ok":true,"ts"`), bodyErr: io.ErrUnexpectedEOF}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"429, Retry-After in seconds", response{status: 429, retryAfter: "7"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 7 * time.Second, "ratelimited"},
		{"429, Retry-After as a date", response{status: 429, retryAfter: "Mon, 23 Nov 2026 12:00:09 GMT"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 9 * time.Second, "ratelimited"},
		{"429 without Retry-After", response{status: 429}, bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"429, Retry-After malformed", response{status: 429, retryAfter: "-soon"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"429, Retry-After of a century", response{status: 429, retryAfter: "3155760000"}, bridge.ClassRateLimited, bridge.ClassRateLimited, 15 * time.Minute, "ratelimited"},
		{"ratelimited as a code", refused("ratelimited"), bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "ratelimited"},
		{"rate_limited as a code", refused("rate_limited"), bridge.ClassRateLimited, bridge.ClassRateLimited, 30 * time.Second, "rate_limited"},
		{"500", response{status: 500, body: []byte("<html>")}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"503 with Retry-After", response{status: 503, retryAfter: "5"}, bridge.ClassTemporary, bridge.ClassUnsure, 5 * time.Second, ""},
		{"407 of a proxy", response{status: 407, body: []byte("<html>")}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"404", response{status: 404, body: []byte("not found")}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"a redirect", response{status: 302}, bridge.ClassTemporary, bridge.ClassTemporary, 0, ""},
		{"too large", response{status: 413}, bridge.ClassRejected, bridge.ClassRejected, 0, "request_too_large"},
		{"sign-in page", response{status: 200, body: []byte("<html>hello")}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"JSON without ok", response{status: 200, body: []byte(`{"hello":1}`)}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"empty body", response{status: 200}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"refused without an error code", refused(""), bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"error code is a number", response{status: 200, body: []byte(`{"ok":false,"error":7}`)}, bridge.ClassTemporary, bridge.ClassUnsure, 0, ""},
		{"refused with status 400", response{status: 400, body: []byte(`{"ok":false,"error":"channel_not_found"}`)}, bridge.ClassNotInChannel, bridge.ClassNotInChannel, 0, "channel_not_found"},
		{"missing_scope", response{status: 200, body: []byte(`{"ok":false,"error":"missing_scope","needed":"reactions:write","provided":"chat:write"}`)}, bridge.ClassRejected, bridge.ClassRejected, 0, "missing_scope: reactions:write"},
		{"unknown error code", refused("brand_new"), bridge.ClassRejected, bridge.ClassRejected, 0, "brand_new"},
		{"error code malformed", refused("<!channel>\\n`x`" + strings.Repeat("y", 200)), bridge.ClassRejected, bridge.ClassRejected, 0, "an_unknown_error"},
	}
	for code, class := range map[string][2]bridge.FaultClass{
		"invalid_auth":                          {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"account_inactive":                      {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"not_authed":                            {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"token_revoked":                         {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"token_expired":                         {bridge.ClassUnauthorized, bridge.ClassUnauthorized},
		"fatal_error":                           {bridge.ClassTemporary, bridge.ClassUnsure},
		"internal_error":                        {bridge.ClassTemporary, bridge.ClassUnsure},
		"service_unavailable":                   {bridge.ClassTemporary, bridge.ClassUnsure},
		"request_timeout":                       {bridge.ClassTemporary, bridge.ClassUnsure},
		"team_added_to_org":                     {bridge.ClassTemporary, bridge.ClassTemporary},
		"org_login_required":                    {bridge.ClassTemporary, bridge.ClassTemporary},
		"external_channel_migrating":            {bridge.ClassTemporary, bridge.ClassTemporary},
		"channel_not_found":                     {bridge.ClassNotInChannel, bridge.ClassNotInChannel},
		"not_in_channel":                        {bridge.ClassNotInChannel, bridge.ClassNotInChannel},
		"is_archived":                           {bridge.ClassRejected, bridge.ClassBlocked},
		"thread_locked":                         {bridge.ClassRejected, bridge.ClassBlocked},
		"cannot_reply_to_message":               {bridge.ClassRejected, bridge.ClassBlocked},
		"msg_too_long":                          {bridge.ClassRejected, bridge.ClassRejected},
		"no_text":                               {bridge.ClassRejected, bridge.ClassRejected},
		"restricted_action":                     {bridge.ClassRejected, bridge.ClassBlocked},
		"restricted_action_thread_only_channel": {bridge.ClassRejected, bridge.ClassBlocked},
		"invalid_blocks":                        {bridge.ClassRejected, bridge.ClassRejected},
		"cant_update_message":                   {bridge.ClassRejected, bridge.ClassRejected},
		"edit_window_closed":                    {bridge.ClassRejected, bridge.ClassRejected},
		"message_not_found":                     {bridge.ClassRejected, bridge.ClassRejected},
		"user_not_in_channel":                   {bridge.ClassRejected, bridge.ClassRejected},
		"not_allowed_token_type":                {bridge.ClassRejected, bridge.ClassRejected},
	} {
		tests = append(tests, struct {
			name       string
			a          response
			read, post bridge.FaultClass
			wait       time.Duration
			reason     string
		}{code, refused(code), class[0], class[1], 0, code})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range []Call{{Method: "users.info"}, {Method: "chat.postMessage", Channel: "C1", NotIdempotent: true}} {
				want := tt.read
				if c.NotIdempotent {
					want = tt.post
				}
				f := c.classify(tt.a, now)
				if f == nil {
					if want != done {
						t.Errorf("%s succeeded, want %s", c.Method, want)
					}
					continue
				}
				if f.Class != want || f.Wait != tt.wait || f.Reason != tt.reason {
					t.Errorf("%s: %s wait %s reason %q, want %s wait %s reason %q",
						c.Method, f.Class, f.Wait, f.Reason, want, tt.wait, tt.reason)
				}
			}
		})
	}
}

func TestRefusedReactionsAreNotRetried(t *testing.T) {
	// https://docs.slack.dev/reference/methods/reactions.add#errors: a reaction is not worth waiting for.
	for _, code := range []string{
		"message_not_found", "not_reactable", "too_many_emoji",
		"too_many_reactions", "no_access", "external_channel_migrating", "invalid_name", "bad_timestamp", "no_item_specified",
	} {
		for _, method := range []string{"reactions.add", "reactions.remove"} {
			f := Call{Method: method}.classify(response{status: 200, body: []byte(`{"ok":false,"error":"` + code + `"}`)}, time.Now())
			if f == nil || f.Class != bridge.ClassRejected || f.Reason != code {
				t.Errorf("%s %s: %+v, want rejected", method, code, f)
			}
		}
	}
}

func TestBotTokenInPlaceOfAppTokenIsUnauthorized(t *testing.T) {
	f := Call{Method: MethodOpen}.classify(response{status: 200, body: []byte(`{"ok":false,"error":"not_allowed_token_type"}`)}, time.Now())
	if f == nil || f.Class != bridge.ClassUnauthorized {
		t.Errorf("%+v, want unauthorized", f)
	}
}

func TestRateLimiterLetsOneCallAtATimeThroughAfterAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rateLimiter
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
			t.Errorf("before any 429: %d of 10 calls pass, want all", n)
		}
		l.pause("a", time.Minute)
		l.pause("a", time.Second) // the longer wait counts
		if wait, _ := l.enter("a"); wait != time.Minute {
			t.Errorf("wait %s, want a minute", wait)
		}
		time.Sleep(time.Minute)
		// The first call passes at once, the next ones after 3 s, 1.5 s and 0.75 s, and then there is no limit any more.
		for i, after := range []time.Duration{0, 3 * time.Second, 1500 * time.Millisecond, 750 * time.Millisecond} {
			time.Sleep(after)
			if n := through(); i < 3 && n != 1 {
				t.Errorf("call %d: %d of 10 pass, want 1", i, n)
			} else if i == 3 && n != 10 {
				t.Errorf("at the end: %d of 10 calls pass, want all", n)
			}
		}
	})
}

func TestRateLimiterForgetsLimitsThatAreOver(t *testing.T) {
	var l rateLimiter
	l.pause("a", time.Minute)
	l.pause("b", -time.Minute)
	l.pause("c", time.Minute)
	if len(l.limits) != 2 {
		t.Errorf("%d limits kept, want 2", len(l.limits))
	}
}

func TestOnlyABooleanOKIsAnAnswer(t *testing.T) {
	for body, want := range map[string]bool{
		`{"ok":true,"x":1}`: true, `{"ok":"true"}`: false, `{"ok":null}`: false, `{"ok":false,"error":7}`: true, `[]`: false, `7`: false,
	} {
		if _, ok := readAnswer([]byte(body)); ok != want {
			t.Errorf("%s is an answer: %v, want %v", body, ok, want)
		}
	}
}
