package agen

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"unicode"
)

const (
	maxErrorBodyBytes = 4 << 10 // how much of an error body is read
	maxMessageRunes   = 300     // how much of its message is kept
)

// errorMessage returns the reason that the JSON in the body of an error answer gives, in message, error, error.message or
// the first of errors. Otherwise it returns the name of the status: a body that isn't JSON comes from a proxy. The key is
// redacted.
func errorMessage(resp *http.Response, key string) string {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBodyBytes))
	statusName := http.StatusText(resp.StatusCode)
	if err != nil && len(body) == 0 {
		return statusName // the class comes from the status; the body is only an explanation
	}
	return cmp.Or(oneLine(messageFromJSON(body), key), statusName)
}

// messageFromJSON returns the message in a JSON body, "" if there is none.
func messageFromJSON(body []byte) string {
	fields := fieldsOf(body)
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

// oneLine makes a text fit for a log line: it redacts the key, replaces control characters and line breaks by single
// spaces, and cuts the text after maxMessageRunes.
func oneLine(s, key string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToValidUTF8(redact(s, key), "\uFFFD") {
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
	line := redact(b.String(), key) // dropping characters may have put the key together again
	if runes := []rune(line); len(runes) > maxMessageRunes {
		line = string(runes[:maxMessageRunes]) + "…"
	}
	return line
}
