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

// DefaultBaseURL is the address of the API (https://docs.agenhq.com).
const DefaultBaseURL = "https://api.agenhq.com"

// Config configures a Client. Only Key is required.
type Config struct {
	// BaseURL is the address of the API, with http or https and without user, query or fragment; empty means
	// DefaultBaseURL. The API's paths are appended to its path.
	BaseURL string
	// Key is the API key, sent with every request as x-api-key. White space around it is trimmed.
	Key Secret
	// HTTPClient makes the requests. Nil means one of the client's own: HTTP/1.1, the proxy from the environment,
	// limits on connecting, on the TLS handshake and on waiting for an answer, and no idle connection kept longer
	// than servers usually keep theirs. Redirects are never followed, whatever CheckRedirect says.
	HTTPClient *http.Client
	// DialContext opens the connections of the client's own HTTPClient; nil means net.Dialer. Ignored if HTTPClient
	// is set.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// UserAgentVersion is sent as User-Agent agenbridge/<version>; empty means "dev".
	UserAgentVersion string
}

// Client calls the Agen API. It is safe for concurrent use, has no state except the key and idle connections, and never
// repeats a send or a create by itself.
type Client struct {
	baseURL   string // without a slash at the end
	http      *http.Client
	key       atomic.Pointer[string]
	userAgent string
}

// New returns a client. It makes no request. The error says what is wrong with the configuration and never contains the
// key.
func New(cfg Config) (*Client, error) {
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if key := strings.TrimSpace(string(cfg.Key)); key == "" || !validHeaderValue(key) {
		return nil, errors.New("agen: the key is empty or has characters that a header can't carry")
	}
	version := cfg.UserAgentVersion
	if version == "" {
		version = "dev"
	}
	if !validHeaderValue(version) {
		return nil, errors.New("agen: the version has characters that a header can't carry")
	}
	httpClient := http.Client{Transport: newTransport(cfg.DialContext)}
	if cfg.HTTPClient != nil {
		httpClient = *cfg.HTTPClient
	}
	// The key must not be sent to the target of a redirect, and a redirected POST would be sent twice.
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{baseURL: base, http: &httpClient, userAgent: "agenbridge/" + version}
	c.SetKey(string(cfg.Key))
	return c, nil
}

// SetKey replaces the key for requests that start from now on. White space around it is trimmed. With a key that is
// empty or that a header can't carry, every call fails with ClassUnauthorized and makes no request.
func (c *Client) SetKey(key string) {
	key = strings.TrimSpace(key)
	c.key.Store(&key)
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// newTransport returns the client's own transport. It uses HTTP/1.1 only: one connection carries one request at a time,
// so a broken connection breaks a single call, and the transport never repeats a request by itself as HTTP/2 does after
// GOAWAY.
func newTransport(dial func(context.Context, string, string) (net.Conn, error)) *http.Transport {
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
		// Below the 60 s after which common servers and load balancers close theirs: a send on a connection that the
		// other side is closing ends with ClassUnsure.
		IdleConnTimeout: 30 * time.Second,
	}
}

// parseBaseURL checks the address of the API and returns it without a slash at the end.
func parseBaseURL(s string) (string, error) {
	if s == "" {
		s = DefaultBaseURL
	}
	u, err := url.Parse(s)
	if err != nil {
		// The error of url.Parse repeats its input, which may contain a password.
		return "", errors.New("agen: the base URL is not a URL")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("agen: the base URL must begin with https:// or http:// and a host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("agen: the base URL of %s must not have a user, a query or a fragment", u.Host)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// validHeaderValue reports whether a header can carry s unchanged: visible ASCII and spaces
// (https://www.rfc-editor.org/rfc/rfc9110#section-5.5).
func validHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
