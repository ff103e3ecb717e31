package webapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// fileDomains are the domains where Slack keeps files that need the token.
var fileDomains = []string{"slack.com", "slack-gov.com"}

// MayDownload reports whether an address is one of Slack's own. Only those get the token.
func (c *Client) MayDownload(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if api, err := url.Parse(c.cfg.URL); err == nil && u.Scheme == api.Scheme && u.Host == api.Host && u.Host != "" {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && slices.ContainsFunc(fileDomains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// Download reads a file, up to limit+1 bytes, so that the caller can see that it is longer than limit. The address must
// be one that MayDownload allows. The errors are Faults. Slack redirects those who may not read the file to a sign-in
// page (https://docs.slack.dev/reference/objects/file-object), so a redirect is ClassRejected.
func (c *Client) Download(ctx context.Context, address string, limit int64) ([]byte, error) {
	call := Call{Method: "file"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, call.Fault(bridge.ClassRejected, "", 0, WithoutURL(err))
	}
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token())
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, call.Fault(bridge.ClassTemporary, "", 0, WithoutURL(err))
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return nil, call.Fault(bridge.ClassRateLimited, "", retryAfter(resp.Header.Get("Retry-After"), time.Now()), errStatus(resp.StatusCode))
	case resp.StatusCode >= http.StatusInternalServerError:
		return nil, call.Fault(bridge.ClassTemporary, "", 0, errStatus(resp.StatusCode))
	case resp.StatusCode != http.StatusOK:
		return nil, call.Fault(bridge.ClassRejected, "", 0, errStatus(resp.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, call.Fault(bridge.ClassTemporary, "", 0, WithoutURL(err))
	}
	return data, nil
}
