package webapi

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen/neterror"
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
// page (https://docs.slack.dev/reference/objects/file-object), so a redirect is ClassRejected. Any other refusal may
// pass: a new file is scanned before it is given out. HTML instead of a file that isn't HTML is such a page, too.
func (c *Client) Download(ctx context.Context, address string, html bool, limit int64) ([]byte, error) {
	call := Call{Method: "file"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, call.Fault(bridge.ClassRejected, "", 0, neterror.Of(err))
	}
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token())
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, call.Fault(bridge.ClassTemporary, "", 0, neterror.Of(err))
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // one that is malformed is no HTML
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests:
		return nil, call.Fault(bridge.ClassRateLimited, "", retryAfter(resp.Header.Get("Retry-After"), time.Now()), errStatus(status))
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest, status == http.StatusUnauthorized:
		return nil, call.Fault(bridge.ClassRejected, "", 0, errStatus(status))
	case status != http.StatusOK:
		return nil, call.Fault(bridge.ClassTemporary, "", 0, errStatus(status))
	case kind == "text/html" && !html:
		return nil, call.Fault(bridge.ClassTemporary, "", 0, errNotFile)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, call.Fault(bridge.ClassTemporary, "", 0, neterror.Of(err))
	}
	return data, nil
}

var errNotFile = neterror.New("the response is a page and not the file")
