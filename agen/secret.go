package agen

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// redacted stands where a secret would.
const redacted = "[redacted]"

// Secret is a string that no formatting verb, logger or encoder shows. Convert it with string(s) to use it.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return redacted }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a placeholder, so that an encoded configuration doesn't show a Secret in it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format writes a placeholder for every verb, also %x and %#v.
func (Secret) Format(f fmt.State, _ rune) {
	// The writer is fmt's own buffer, which never fails.
	_, _ = io.WriteString(f, redacted)
}

// redact replaces the key in s, in every form that a server or the network may echo it in.
func redact(s, key string) string {
	for _, form := range keyForms(key) {
		s = strings.ReplaceAll(s, form, redacted)
	}
	return s
}

// keyForms returns the key unchanged, escaped for URLs and quoted in JSON, the longest first.
func keyForms(key string) []string {
	if key == "" {
		return nil
	}
	all := []string{key, url.QueryEscape(key), url.PathEscape(key)}
	if quoted, err := json.Marshal(key); err == nil { // a string can always be encoded
		html := string(quoted[1 : len(quoted)-1])
		plain := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(html)
		all = append(all, html, plain, strings.ReplaceAll(plain, "/", `\/`))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}
