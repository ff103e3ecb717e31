package timeline

import (
	"bytes"
	"slices"

	"github.com/agenbridge/agenbridge/agen"
)

// The fields in which an event may tell of a branch, and of a merge request.
var (
	BranchFields  = []string{"branch", "branch_name", "source_branch"}
	RequestFields = []string{"merge_request_url", "pull_request_url"}
)

// workResultFields are the fields that tell of a branch, and of a merge request, and
// what is in the names of all of them: most events have neither.
var workResultFields = [...]struct {
	part []byte
	keys []string
}{{[]byte("branch"), BranchFields}, {[]byte("request_url"), RequestFields}}

// keepWorkResults keeps the event if it tells of a branch or of a merge request: any may,
// and later ones need not repeat it.
func (t *Reader) keepWorkResults(e *agen.RawEvent) {
	payload := e.Payload()
	for i, fruit := range workResultFields {
		if bytes.Contains(payload, fruit.part) && slices.ContainsFunc(fruit.keys, func(key string) bool { return hasText(payload, key) }) {
			t.workResults[i].keep(e)
		}
	}
}

// hasText reports whether a JSON object has a text in a field of this name,
// without decoding it. Within a text quotes are escaped, so that what is said
// is not taken for a field.
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
