package timeline

import (
	"bytes"
	"slices"

	"github.com/agenbridge/agenbridge/agen"
)

// The fields that may contain a branch or a merge request.
var (
	BranchFields  = []string{"branch", "branch_name", "source_branch"}
	RequestFields = []string{"merge_request_url", "pull_request_url"}
)

// workResultFields are these fields, each group with a text that all of its field names
// contain. It allows a fast check, because most events have none of the fields.
var workResultFields = [...]struct {
	part []byte
	keys []string
}{{[]byte("branch"), BranchFields}, {[]byte("request_url"), RequestFields}}

// keepWorkResults keeps the event if it names a branch or a merge request. Any event may
// name one, and later events need not repeat it.
func (t *Reader) keepWorkResults(e *agen.RawEvent) {
	payload := e.Payload()
	for i, result := range workResultFields {
		if bytes.Contains(payload, result.part) && slices.ContainsFunc(result.keys, func(key string) bool { return hasText(payload, key) }) {
			t.workResults[i].keep(e)
		}
	}
}

// hasText reports whether a JSON object has a non-empty string in the field, without
// decoding the object. Quotes inside a string are escaped, so text can't be mistaken for
// a field.
func hasText(object []byte, field string) bool {
	for {
		_, rest, found := bytes.Cut(object, []byte(`"`+field+`"`))
		if !found {
			return false
		}
		object = rest
		value, isField := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
		value = bytes.TrimLeft(value, " \t\r\n")
		if isField && len(value) > 1 && value[0] == '"' && value[1] != '"' {
			return true
		}
	}
}
