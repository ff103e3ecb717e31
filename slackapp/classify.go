package slackapp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// defaultWait is how long a method rests after a 429 that doesn't say. Slack's own tiers are per minute
// (https://docs.slack.dev/apis/web-api/rate-limits).
const defaultWait = 30 * time.Second

// call is one call of the Web API, as far as failing is concerned.
type call struct {
	method string
	// channel is set where Slack limits the method for each channel.
	channel string
	// once: repeating it would show. An unclear outcome is Unsure then, and Temporary otherwise.
	once bool
}

// limit is what a 429 is remembered under.
func (c call) limit() string { return c.method + " " + c.channel }

// answer is what came of a request.
type answer struct {
	// err is the transport's error; sent tells whether the request's head was written before it.
	err  error
	sent bool
	// The rest is what was received; bodyErr tells that the body broke off.
	status     int
	retryAfter string
	body       []byte
	bodyErr    error
}

// authCodes are the errors that concern the credential
// (https://docs.slack.dev/reference/methods/auth.test#errors).
var authCodes = map[string]bool{
	"invalid_auth": true, "account_inactive": true, "not_authed": true, "token_revoked": true, "token_expired": true,
}

// passingCodes are the errors that may be different next time, and of which some leave open whether the call was
// applied (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var passingCodes = map[string]bool{
	"fatal_error": true, "internal_error": true, "service_unavailable": true, "request_timeout": true,
	"": true,
}

// absentCodes are the errors by which Slack says that we are not in a channel, or can't see it
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var absentCodes = map[string]bool{"not_in_channel": true, "channel_not_found": true}

// laterCodes are errors that pass and certainly applied nothing.
var laterCodes = map[string]bool{
	"team_added_to_org": true, "org_login_required": true, "external_channel_migrating": true,
	"migration_in_progress": true,
}

// classify tells what an answer means; nil when the call succeeded. It goes by facts: whether the request left,
// the HTTP status, Slack's error code. The fault's text never holds more than those.
func (c call) classify(a answer, now time.Time) *bridge.Fault {
	switch {
	case a.err != nil && !a.sent:
		return c.fault(bridge.ClassTemporary, "", 0, a.err)
	case a.err != nil:
		return c.fault(c.unclear(), "", 0, a.err)
	case a.status == http.StatusTooManyRequests:
		return c.fault(bridge.ClassRateLimited, "ratelimited", retryAfter(a.retryAfter, now), errStatus(a.status))
	case a.status >= http.StatusInternalServerError:
		return c.fault(c.unclear(), "", retryAfterOr(a.retryAfter, now, 0), errStatus(a.status))
	}
	verdict, ok := readVerdict(a.body)
	switch {
	case ok && verdict.done:
		if a.bodyErr != nil {
			return c.fault(c.unclear(), "", 0, a.bodyErr)
		}
		return nil
	case ok:
		return c.refused(verdict, a, now)
	case a.bodyErr != nil:
		return c.fault(c.unclear(), "", 0, a.bodyErr)
	case a.status == http.StatusRequestEntityTooLarge:
		return c.fault(bridge.ClassRejected, "request_too_large", 0, errStatus(a.status))
	case a.status >= http.StatusMultipleChoices:
		// Slack answers 200, 429 or 5xx: anything else comes from something in between, and was not applied.
		return c.fault(bridge.ClassTemporary, "", 0, errStatus(a.status))
	default:
		return c.fault(c.unclear(), "", 0, errNotSlack)
	}
}

// refused classifies an answer with ok:false.
func (c call) refused(v verdict, a answer, now time.Time) *bridge.Fault {
	err := errCode(v.code)
	switch {
	case v.code == "ratelimited" || v.code == "rate_limited":
		return c.fault(bridge.ClassRateLimited, v.code, retryAfter(a.retryAfter, now), err)
	case authCodes[v.code], c.method == methodOpen && v.code == "not_allowed_token_type":
		return c.fault(bridge.ClassUnauthorized, v.code, 0, err)
	case passingCodes[v.code]:
		return c.fault(c.unclear(), v.code, 0, err)
	case laterCodes[v.code] && !strings.HasPrefix(c.method, "reactions."): // a reaction is not worth waiting for
		return c.fault(bridge.ClassTemporary, v.code, 0, err)
	case absentCodes[v.code]:
		return c.fault(bridge.ClassNotInChannel, v.code, 0, err)
	case v.code == "missing_scope":
		return c.fault(bridge.ClassRejected, strings.TrimSuffix("missing_scope: "+v.needed, ": "), 0, err)
	default:
		return c.fault(bridge.ClassRejected, v.code, 0, err)
	}
}

// unclear is the class of an outcome that nobody knows.
func (c call) unclear() bridge.FaultClass {
	if c.once {
		return bridge.ClassUnsure
	}
	return bridge.ClassTemporary
}

func (c call) fault(class bridge.FaultClass, reason string, wait time.Duration, err error) *bridge.Fault {
	return &bridge.Fault{Class: class, Reason: reason, Wait: wait, Err: fmt.Errorf("call %s: %w", c.method, err)}
}

// errStatus is an HTTP status that is no answer of the API.
type errStatus int

func (e errStatus) Error() string { return "http status " + strconv.Itoa(int(e)) }

// errCode is Slack's name of an error.
type errCode string

func (e errCode) Error() string {
	if e == "" {
		return "refused without a reason"
	}
	return "refused: " + string(e)
}

// errNotSlack is an answer that the API doesn't give.
const errNotSlack = errText("the answer is not one of the API")

// errText is an error that only says something.
type errText string

func (e errText) Error() string { return string(e) }

// verdict is what each answer of the API says first.
type verdict struct {
	done   bool
	code   string
	needed string
}

var okPrefix = []byte(`{"ok":true,`)

// readVerdict tells what the answer says; false when it isn't one.
func readVerdict(body []byte) (verdict, bool) {
	if bytes.HasPrefix(body, okPrefix) {
		return verdict{done: true}, true // as Slack writes it, and spares the long ones a pass
	}
	var v struct {
		OK     json.RawMessage `json:"ok"`
		Error  string          `json:"error"`
		Needed string          `json:"needed"`
	}
	ok := ""
	if decode(body, &v) == nil {
		ok = string(v.OK)
	}
	if ok != "true" && ok != "false" {
		return verdict{}, false
	}
	return verdict{done: ok == "true", code: errorCode(v.Error), needed: code(v.Needed)}, true
}

// errorCode is Slack's name of an error. What doesn't look like one is not repeated: it may be anything that we sent.
func errorCode(s string) string {
	named := strings.TrimFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' })
	if named != "" || len(s) > 100 {
		return "an_unknown_error"
	}
	return s
}

// code bounds what is to be an error code or a list of scopes, so that it can stand in a log line or a note.
func code(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-.:, ", r):
			return r
		}
		return -1
	}, s)
}

func retryAfter(header string, now time.Time) time.Duration {
	return retryAfterOr(header, now, defaultWait)
}

// retryAfterOr reads seconds or an HTTP date (RFC 9110, section 10.2.3), an hour at most.
func retryAfterOr(header string, now time.Time, otherwise time.Duration) time.Duration {
	if n, err := strconv.Atoi(header); err == nil && n >= 0 {
		return min(time.Duration(n), time.Hour/time.Second) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, min(at.Sub(now), time.Hour))
	}
	return otherwise
}
