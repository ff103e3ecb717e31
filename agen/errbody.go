package agen

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	errorBodyBytes = 4 << 10 // what is read of an error's body
	messageRunes   = 300     // what is kept of its message
)

// errorMessage reads the reason from the body of an error answer: message, error, error.message or the first of
// errors. A body that is neither JSON nor plain text has no reason in it that is fit to be shown; then it is the
// status's name. The key never gets through.
func errorMessage(resp *http.Response, key string) string {
	body, err := io.ReadAll(io.LimitReader(resp.Body, errorBodyBytes))
	name := http.StatusText(resp.StatusCode)
	if err != nil && len(body) == 0 {
		return name // the status is what counts; the body broke on its way
	}
	if message := oneLine(messageIn(body), key); message != "" {
		return message
	}
	if json.Valid(body) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		return name
	}
	plain := string(body)
	if len(body) == errorBodyBytes {
		plain = withoutHalfKey(plain, key)
	}
	if message := oneLine(plain, key); message != "" {
		return message
	}
	return name
}

// messageIn finds the message in a JSON body, "" when there is none.
func messageIn(body []byte) string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return "" // no JSON
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	if message := textOf(fields["message"], textNames, 1); message != "" {
		return message
	}
	if message := textOf(fields["error"], textNames, 1); message != "" {
		return message
	}
	if list, ok := fields["errors"].([]any); ok && len(list) > 0 {
		return textOf(list[0], textNames, 1)
	}
	return ""
}

// oneLine makes a text fit for a log line: the key is taken out, control characters and line breaks become single
// spaces, and it ends after messageRunes.
func oneLine(s, key string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToValidUTF8(strip(s, key), "\uFFFD") {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	line := strip(b.String(), key) // dropping characters may have put the key together again
	if runes := []rune(line); len(runes) > messageRunes {
		line = string(runes[:messageRunes]) + "…"
	}
	return line
}

// strip replaces the key, in all the forms that it may be echoed in.
func strip(s, key string) string {
	for _, form := range forms(key) {
		s = strings.ReplaceAll(s, form, redacted)
	}
	return s
}

// withoutHalfKey removes the beginning of a key that was cut off at the end of s.
func withoutHalfKey(s, key string) string {
	for _, form := range forms(key) {
		for n := min(len(form), len(s)); n > 0; n-- {
			if strings.HasSuffix(s, form[:n]) {
				s = s[:len(s)-n]
				break
			}
		}
	}
	return s
}

// forms are the key as it is and as it is quoted for URLs and in JSON.
func forms(key string) []string {
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
