package agen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// DefaultBaseURL is where the API is (https://docs.agenhq.com).
const DefaultBaseURL = "https://api.agenhq.com"

// maxEventBytes is how large one event may be, in bytes. A timeline as a whole has no limit but the context's.
const maxEventBytes = 16 << 20

// MaxMessageBytes is how long a message may be, in bytes. The API documents no limit; this one makes sure that a
// message that was sent can be read back as an event of maxEventBytes, even if every byte of it is escaped.
const MaxMessageBytes = 2 << 20

// Config is what a Client is made from. Only Key is required.
type Config struct {
	// BaseURL is where the API is, with http or https and without user, query or fragment; empty means
	// DefaultBaseURL. A path in it stands before the API's own.
	BaseURL string
	// Key is sent with every request as x-api-key. White space around it is dropped.
	Key Secret
	// HTTPClient makes the requests. Nil means one of the client's own: HTTP/1.1, the proxy from the environment,
	// limits on connecting, on the TLS handshake and on waiting for an answer, and no idle connection kept longer
	// than servers usually keep theirs. Whatever CheckRedirect it has, redirects are never followed.
	HTTPClient *http.Client
	// DialContext makes the connections of the client's own HTTPClient; nil means net.Dialer. Ignored when HTTPClient
	// is set.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// UserAgentVersion is sent as User-Agent agenbridge/<version>; empty means "dev".
	UserAgentVersion string
}

// Client makes the API's calls. It is safe for concurrent use, keeps no state besides the key and idle connections,
// and never repeats a send or a create by itself.
type Client struct {
	base      string // without a slash at the end
	http      *http.Client
	key       atomic.Pointer[string]
	userAgent string
}

// New returns a client. It makes no request; the error names what is wrong with the configuration, never the key.
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if key := strings.TrimSpace(string(cfg.Key)); key == "" || !sendable(key) {
		return nil, errors.New("agen: the key is empty or has characters that a header can't carry")
	}
	version := cfg.UserAgentVersion
	if version == "" {
		version = "dev"
	}
	if !sendable(version) {
		return nil, errors.New("agen: the version has characters that a header can't carry")
	}
	own := http.Client{Transport: transport(cfg.DialContext)}
	if cfg.HTTPClient != nil {
		own = *cfg.HTTPClient
	}
	// The key must not travel to wherever a redirect points, and a redirected POST would be sent twice.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: base, http: &own, userAgent: "agenbridge/" + version}
	c.SetKey(string(cfg.Key))
	return c, nil
}

// SetKey replaces the key for the requests that begin from now on. White space around it is dropped. With a key that
// is empty or can't be sent in a header, every call fails as Unauthorized without being made.
func (c *Client) SetKey(key string) {
	key = strings.TrimSpace(key)
	c.key.Store(&key)
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// transport is the client's own. It speaks HTTP/1.1 only: one connection carries one request at a time, so a broken
// one breaks a single call, and the transport never repeats a request on its own account as HTTP/2 does after GOAWAY.
func transport(dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		Protocols:              protocols,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  60 * time.Second,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: 64 << 10,
		// Below the 60 s after which common servers and load balancers close theirs: a send on a connection that is
		// just being closed ends as Unsure.
		IdleConnTimeout: 30 * time.Second,
	}
}

// baseURL checks where the API is and returns it without a slash at the end.
func baseURL(s string) (string, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	if err != nil {
		// The error of url.Parse repeats its input, and there may be a password in that.
		return "", errors.New("agen: the base URL is no URL")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("agen: the base URL must begin with https:// or http:// and a host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("agen: the base URL of %s must not have a user, a query or a fragment", u.Host)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// sendable reports whether a header can carry s unchanged: visible ASCII and spaces
// (https://www.rfc-editor.org/rfc/rfc9110#section-5.5).
func sendable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
