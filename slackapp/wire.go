package slackapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

const methodOpen = "apps.connections.open"

// Bounds of a Web API call.
const (
	callTimeout = 25 * time.Second
	openTimeout = 10 * time.Second // while a socket is opened none is open, perhaps
	maxAnswer   = 32 << 20
)

// wire is the one way to the Web API. slack-go uses it as its HTTP client: what it gets to see are good answers only,
// everything else is a Fault already, made from facts that slack-go would hide.
type wire struct {
	client *http.Client
	api    string
	agent  string
	token  Token
	limits limiter
	obs    Observer
	// trouble is told of each call's outcome, for the status.
	trouble func(method string, fault *bridge.Fault)
}

type callKey struct{}

// withCall tells wire.Do what the request is.
func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// Do is for slack-go. Its errors are Faults, and its answers say ok:true.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	c, known := req.Context().Value(callKey{}).(call)
	if !known {
		c = call{method: path.Base(req.URL.Path)}
	}
	a, head, fault := w.exchange(c, req)
	if fault != nil {
		return nil, fault
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: head, Request: req,
		Body: io.NopCloser(bytes.NewReader(a.body)),
	}, nil
}

// ask makes a call with a form and decodes the answer into v. The errors are Faults. It
// returns the answer's header.
func (w *wire) ask(ctx context.Context, c call, form url.Values, v any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.api+c.method, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, c.fault(bridge.ClassRejected, "", 0, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+w.token())
	a, head, fault := w.exchange(c, req)
	if fault != nil {
		return nil, fault
	}
	if err := decode(a.body, v); err != nil {
		return nil, c.fault(c.unclear(), "", 0, errNotSlack)
	}
	return head, nil
}

// exchange sends the request unless the call has to rest, and classifies what comes of it.
func (w *wire) exchange(c call, req *http.Request) (answer, http.Header, *bridge.Fault) {
	wait, paced := w.limits.enter(c.limit())
	if wait > 0 {
		return answer{}, nil, c.fault(bridge.ClassRateLimited, "ratelimited", wait, errResting)
	}
	if c.method == methodOpen {
		ctx, cancel := context.WithTimeout(req.Context(), openTimeout)
		defer cancel()
		req = req.WithContext(ctx)
	}
	began := time.Now()
	a, head := w.send(req)
	fault := c.classify(a, time.Now())
	class := bridge.FaultClass("")
	if fault != nil {
		class = fault.Class
		if class == bridge.ClassRateLimited {
			w.limits.rest(c.limit(), fault.Wait)
		}
	}
	if paced && class != bridge.ClassRateLimited {
		w.limits.passed(c.limit())
	}
	w.obs.Call(c.method, class, time.Since(began))
	w.trouble(c.method, fault)
	return a, head, fault
}

const errResting = errText("not called: Slack asked for a rest")

// send makes the request and reads the answer to its end.
func (w *wire) send(req *http.Request) (answer, http.Header) {
	var sent atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// Before this at most a part of the head is on its way, and nobody acts on that.
		WroteHeaders: func() { sent.Store(true) },
	})
	req = req.WithContext(ctx)
	req.Header.Set("User-Agent", w.agent)
	resp, err := w.client.Do(req)
	if err != nil {
		return answer{err: withoutURL(err), sent: sent.Load()}, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errText("the answer is too long")
	}
	return answer{
		sent: true, status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After"), body: body, bodyErr: err,
	}, resp.Header
}

// withoutURL takes the URL out of the error: a URL may hold a secret.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s: %w", strings.ToLower(u.Op), u.Err)
	}
	return err
}
