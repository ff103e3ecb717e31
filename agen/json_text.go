package agen

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// textOfValue returns a JSON value as text: the content of a string, the digits of a number, nothing for anything else.
// For a string without escapes it is a slice of value.
func textOfValue(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	switch c := value[0]; {
	case c == '"':
		content := stringContent(value)
		if isPlain(content) {
			return content
		}
		if plain, ok := unescape(content); ok {
			return plain
		}
		return bytes.ToValidUTF8(content, []byte("\uFFFD"))
	case c == '-' || c >= '0' && c <= '9':
		return value
	}
	return nil
}

// stringContent returns what is between the quotes of a JSON string, with its escapes, and nil for any other value.
func stringContent(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}

// isPlain reports whether the content of a JSON string needs no decoding.
func isPlain(content []byte) bool {
	return bytes.IndexByte(content, '\\') < 0 && utf8.Valid(content)
}

// unescape decodes the content of a JSON string; false if it is malformed.
func unescape(content []byte) ([]byte, bool) {
	quoted := make([]byte, 0, len(content)+2)
	quoted = append(quoted, '"')
	quoted = append(quoted, content...)
	quoted = append(quoted, '"')
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, false
	}
	return []byte(s), true
}
