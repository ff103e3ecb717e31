package agen

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest wait that is believed: a mistake in a header must not
// silence the caller for hours.
const maxRetryAfter = 15 * time.Minute

// retryAfter reads a Retry-After header, in seconds or as an HTTP date
// (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3). It returns 0 if the header is missing or unreadable, because
// the caller has a backoff of its own, and at most maxRetryAfter.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
