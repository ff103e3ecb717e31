package webapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// response is the outcome of a request.
type response struct {
	// err is the transport's error; sent tells whether the request's header was written before it.
	err  error
	sent bool
	// The other fields are what was received; bodyErr says that the body is incomplete.
	status     int
	retryAfter string
	body       []byte
	bodyErr    error
}

// unauthorizedCodes are the errors about the token (https://docs.slack.dev/reference/methods/auth.test#errors).
var unauthorizedCodes = map[string]bool{
	"invalid_auth": true, "account_inactive": true, "not_authed": true, "token_revoked": true, "token_expired": true,
}

// unknownOutcomeCodes are errors of Slack's servers that pass. Some of them leave open whether the call was applied
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var unknownOutcomeCodes = map[string]bool{
	"fatal_error": true, "internal_error": true, "service_unavailable": true, "request_timeout": true,
	"": true,
}

// notAppliedCodes are errors that pass, and that certainly left the call without effect.
var notAppliedCodes = map[string]bool{
	"team_added_to_org": true, "org_login_required": true, "external_channel_migrating": true,
	"migration_in_progress": true,
}

// notInChannelCodes are the errors by which Slack says that we are not in a channel, or can't see it
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var notInChannelCodes = map[string]bool{"not_in_channel": true, "channel_not_found": true}

// blockedCodes are the errors by which Slack says that nothing may be written in a channel or thread for now
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors). People can change that.
var blockedCodes = map[string]bool{"is_archived": true, "thread_locked": true, "cannot_reply_to_message": true}

// isBlocked reports whether a call that writes was refused by the state of the channel or thread.
func (c Call) isBlocked(code string) bool {
	writes := strings.HasPrefix(c.Method, "chat.") || strings.HasPrefix(c.Method, "reactions.")
	return writes && (blockedCodes[code] || strings.HasPrefix(code, "restricted_action"))
}

// classify returns what a response means, and nil if the call succeeded. It goes by facts: whether the request was sent,
// the HTTP status, Slack's error code. The fault's text never holds more than those.
func (c Call) classify(r response, now time.Time) *bridge.Fault {
	switch {
	case r.err != nil && !r.sent:
		return c.Fault(bridge.ClassTemporary, "", 0, r.err)
	case r.err != nil:
		return c.unknown("", 0, r.err)
	case r.status == http.StatusTooManyRequests:
		return c.Fault(bridge.ClassRateLimited, "ratelimited", c.bounded(retryAfter(r.retryAfter, now)), errStatus(r.status))
	case r.status >= http.StatusInternalServerError:
		return c.unknown("", retryAfterOr(r.retryAfter, now, 0), errStatus(r.status))
	}
	answer, ok := readAnswer(r.body)
	if c.Method == MethodRespond && string(r.body) == "ok" { // a response URL may answer like that
		answer.ok, ok = true, true
	}
	switch {
	case ok && answer.ok:
		if r.bodyErr != nil {
			return c.unknown("", 0, r.bodyErr)
		}
		return nil
	case ok:
		return c.refused(answer, r, now)
	case r.bodyErr != nil:
		return c.unknown("", 0, r.bodyErr)
	case r.status == http.StatusRequestEntityTooLarge:
		return c.Fault(bridge.ClassRejected, "request_too_large", 0, errStatus(r.status))
	case r.status >= http.StatusMultipleChoices:
		// Slack answers 200, 429 or 5xx. Any other status comes from a proxy, and Slack never saw the call.
		return c.Fault(bridge.ClassTemporary, "", 0, errStatus(r.status))
	default:
		return c.unknown("", 0, ErrNotSlack)
	}
}

// refused classifies a response with ok:false.
func (c Call) refused(a answer, r response, now time.Time) *bridge.Fault {
	err := errCode(a.code)
	switch {
	case a.code == "ratelimited" || a.code == "rate_limited":
		return c.Fault(bridge.ClassRateLimited, a.code, c.bounded(retryAfter(r.retryAfter, now)), err)
	case unauthorizedCodes[a.code], c.Method == MethodOpen && a.code == "not_allowed_token_type":
		return c.Fault(bridge.ClassUnauthorized, a.code, 0, err)
	case unknownOutcomeCodes[a.code]:
		return c.unknown(a.code, 0, err)
	case notAppliedCodes[a.code] && !strings.HasPrefix(c.Method, "reactions."): // a reaction is not worth waiting for
		return c.Fault(bridge.ClassTemporary, a.code, 0, err)
	case notInChannelCodes[a.code]:
		return c.Fault(bridge.ClassNotInChannel, a.code, 0, err)
	case c.isBlocked(a.code):
		return c.Fault(bridge.ClassBlocked, a.code, 0, err)
	case a.code == "missing_scope":
		return c.Fault(bridge.ClassRejected, strings.TrimSuffix("missing_scope: "+a.needed, ": "), 0, err)
	default:
		return c.Fault(bridge.ClassRejected, a.code, 0, err)
	}
}

// answer is what every response of the API begins with: whether the call succeeded, the error code if not, and the
// scopes that were missing.
type answer struct {
	ok           bool
	code, needed string
}

var okPrefix = []byte(`{"ok":true,`)

// readAnswer returns the answer in a response's body, and false if it isn't one of the API.
func readAnswer(body []byte) (answer, bool) {
	if bytes.HasPrefix(body, okPrefix) {
		return answer{ok: true}, true // the form that Slack uses; it saves long responses a pass
	}
	var v struct {
		OK     json.RawMessage `json:"ok"`
		Error  string          `json:"error"`
		Needed string          `json:"needed"`
	}
	ok := ""
	if slackjson.Unmarshal(body, &v) == nil {
		ok = string(v.OK)
	}
	if ok != "true" && ok != "false" {
		return answer{}, false
	}
	return answer{ok: ok == "true", code: errorCode(v.Error), needed: slackjson.Code(v.Needed)}, true
}

// errorCode returns s if it looks like an error code. Anything else is not repeated: it may quote what we sent.
func errorCode(s string) string {
	rest := strings.TrimFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' })
	if rest != "" || len(s) > 100 {
		return "an_unknown_error"
	}
	return s
}

// defaultRetryAfter is used for a 429 without a Retry-After header. Slack's rate limits are per minute
// (https://docs.slack.dev/apis/web-api/rate-limits).
const defaultRetryAfter = 30 * time.Second

func retryAfter(header string, now time.Time) time.Duration {
	return retryAfterOr(header, now, defaultRetryAfter)
}

// longestRetryAfter is the longest wait that is believed: a mistake in a header must not silence the bridge for hours.
const longestRetryAfter = 15 * time.Minute

// bounded is how long a wait that Slack asked for may be: a minute for a connection, since without one nothing that
// people write arrives.
func (c Call) bounded(wait time.Duration) time.Duration {
	if c.Method == MethodOpen {
		return min(wait, time.Minute)
	}
	return wait
}

// retryAfterOr reads seconds or an HTTP date (RFC 9110, section 10.2.3), longestRetryAfter at most.
func retryAfterOr(header string, now time.Time, otherwise time.Duration) time.Duration {
	if n, err := strconv.Atoi(header); err == nil && n >= 0 {
		return min(time.Duration(n), longestRetryAfter/time.Second) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, min(at.Sub(now), longestRetryAfter))
	}
	return otherwise
}
