package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// healthTimeout is how long the response may take. It is shorter than the timeout
// of the image's HEALTHCHECK.
const healthTimeout = 3 * time.Second

// health asks the running daemon's /healthz, at PROBE_ADDR or else at ADMIN_ADDR.
// It reads no other variables: a container's health check must not depend on
// secrets.
func health(ctx context.Context, in invocation) error {
	address := strings.TrimSpace(in.environ["PROBE_ADDR"])
	if address == "" {
		address = "127.0.0.1:8321"
		if given, ok := in.environ["ADMIN_ADDR"]; ok {
			address = strings.TrimSpace(given)
		}
	}
	url, ok := localURL(address, "/healthz")
	if !ok {
		return &usageError{errors.New("health: neither PROBE_ADDR nor ADMIN_ADDR has an address to ask; set one to host:port")}
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	answer, err := firstLine(ctx, url)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	fmt.Fprintln(in.out, answer)
	return nil
}

// firstLine returns the first line of the response. It uses no proxy.
func firstLine(ctx context.Context, url string) (string, error) {
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
		return "", fmt.Errorf("%d: %s", resp.StatusCode, line)
	}
	return line, nil
}
