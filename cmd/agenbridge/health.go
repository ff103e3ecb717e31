package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// healthTime is how long the answer may take; less than the image's
// HEALTHCHECK waits.
const healthTime = 3 * time.Second

// health asks the running daemon's /healthz, at PROBE_ADDR or else at
// ADMIN_ADDR. Of the configuration it reads these two and nothing else: a
// container's health check must not depend on secrets.
func health(ctx context.Context, environ map[string]string, out, errs io.Writer) int {
	address := strings.TrimSpace(environ["PROBE_ADDR"])
	if address == "" {
		address = "127.0.0.1:8321"
		if given, ok := environ["ADMIN_ADDR"]; ok {
			address = strings.TrimSpace(given)
		}
	}
	url, ok := localURL(address, "/healthz")
	if !ok {
		fmt.Fprintln(errs, "agenbridge health: neither PROBE_ADDR nor ADMIN_ADDR says where to ask; set one to host:port")
		return exitUsage
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	answer, err := ask(ctx, url)
	if err != nil {
		fmt.Fprintf(errs, "agenbridge health: %v\n", err)
		return exitBad
	}
	fmt.Fprintln(out, answer)
	return exitGood
}

// localURL makes the URL that reaches a listening address from this machine.
func localURL(address, path string) (string, bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + path, true
}

// ask returns the first line of the answer. No proxy is asked.
func ask(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "", fmt.Errorf("ask %s, is agenbridge running?: %w", url, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", url, err)
	}
	line, _, _ := strings.Cut(string(body), "\n")
	if resp.StatusCode != http.StatusOK {
		return "", &unhealthyError{status: resp.StatusCode, line: line}
	}
	return line, nil
}

// unhealthyError is an answer that is not 200.
type unhealthyError struct {
	status int
	line   string
}

func (e *unhealthyError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.line) }
