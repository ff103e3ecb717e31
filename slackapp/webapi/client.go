package webapi

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agenbridge/agenbridge/agen/neterror"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// Limits of a call.
const (
	callTimeout = 25 * time.Second
	// OpenTimeout limits a call to MethodOpen: while one is made, there may be no connection at all.
	OpenTimeout = 10 * time.Second
	maxResponse = 32 << 20
)

// Config says which Slack a Client calls. All fields but Dial are required.
type Config struct {
	// URL is the base of the Web API, with a slash at its end.
	URL string
	// Token returns the bot token. It is called for each request.
	Token func() string
	// UserAgent names the program.
	UserAgent string
	// Observer is told of each call.
	Observer Observer
	// Dial opens network connections. The default is the system's dialer, through the proxy that the environment names.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Observer is told of each call when it is done. The fault is nil if it succeeded. It must not block.
type Observer interface {
	CallDone(method string, fault *bridge.Fault, took time.Duration)
}

// Client makes calls. Its methods may be called from any goroutine.
type Client struct {
	cfg    Config
	http   *http.Client
	limits rateLimiter
}

// NewClient returns a Client. It opens no connection yet.
func NewClient(cfg Config) *Client {
	return &Client{cfg: cfg, http: &http.Client{
		Transport: newTransport(cfg.Dial), Timeout: callTimeout,
		// The API answers with no redirect, and the token must go nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// newTransport keeps as many idle connections as there are workers, but not for long: the bridge is idle most of the
// time.
func newTransport(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Transport {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dial, ForceAttemptHTTP2: true,
		MaxIdleConns: 32, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if dial != nil {
		t.Proxy = nil
	}
	return t
}

// CloseIdleConnections closes the connections that no call uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

type callKey struct{}

// WithCall tells Do which call a request of slack-go makes.
func WithCall(ctx context.Context, call Call) context.Context {
	return context.WithValue(ctx, callKey{}, call)
}

// Do makes a request for slack-go. A response that it returns says ok:true; every other outcome is a Fault, made from
// facts that slack-go would hide.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	call, known := req.Context().Value(callKey{}).(Call)
	if !known {
		call = Call{Method: path.Base(req.URL.Path)}
	}
	r, header, fault := c.exchange(call, req)
	if fault != nil {
		return nil, fault
	}
	return &http.Response{
		StatusCode: r.status, Status: http.StatusText(r.status), Header: header, Request: req,
		Body: io.NopCloser(bytes.NewReader(r.body)),
	}, nil
}

// Call makes a call with a form, decodes the response into v and returns its header. The errors are Faults.
func (c *Client) Call(ctx context.Context, call Call, form url.Values, v any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL+call.Method, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, call.Fault(bridge.ClassRejected, "", 0, neterror.Of(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token())
	r, header, fault := c.exchange(call, req)
	if fault != nil {
		return nil, fault
	}
	if err := slackjson.Unmarshal(r.body, v); err != nil {
		return nil, call.UnknownOutcome(ErrNotSlack)
	}
	return header, nil
}

// exchange makes the request, unless the rate limit forbids it, and classifies the outcome.
func (c *Client) exchange(call Call, req *http.Request) (response, http.Header, *bridge.Fault) {
	wait, paced := c.limits.enter(call.limitKey())
	if wait > 0 {
		return response{}, nil, call.Fault(bridge.ClassRateLimited, "ratelimited", wait, errLimited)
	}
	if call.Method == MethodOpen {
		ctx, cancel := context.WithTimeout(req.Context(), OpenTimeout)
		defer cancel()
		req = req.WithContext(ctx)
	}
	began := time.Now()
	r, header := c.send(req)
	fault := call.classify(r, time.Now())
	limited := fault != nil && fault.Class == bridge.ClassRateLimited
	if limited {
		c.limits.pause(call.limitKey(), fault.Wait)
	} else if paced {
		c.limits.passed(call.limitKey())
	}
	c.cfg.Observer.CallDone(call.Method, fault, time.Since(began))
	return r, header, fault
}

// send makes the request and reads the response to its end.
func (c *Client) send(req *http.Request) (response, http.Header) {
	var sent atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// Until then Slack has a part of the header at most, and no server acts on that.
		WroteHeaders: func() { sent.Store(true) },
	})
	req = req.WithContext(ctx)
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return response{err: neterror.Of(err), sent: sent.Load()}, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if err == nil && len(body) > maxResponse {
		err = errTooLong
	}
	return response{
		sent: true, status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After"), body: body, bodyErr: neterror.Of(err),
	}, resp.Header
}
