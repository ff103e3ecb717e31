package webapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// seeds adds the files of testdata/seeds that match, and fails if there are none: a fuzz target without seeds passes and
// shows nothing.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, name := range files {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(seed))
	}
}

func FuzzClassify(f *testing.F) {
	seeds(f, "answer-*.json")
	f.Fuzz(func(t *testing.T, text string) {
		for _, status := range []int{200, 429, 500, 404} {
			for _, c := range []Call{{Method: "chat.postMessage", NotIdempotent: true}, {Method: "users.info"}} {
				fault := c.classify(response{status: status, body: []byte(text), sent: true}, time.Unix(0, 0))
				if fault == nil && (status == 429 || status == 500 || !strings.Contains(text, "true")) {
					t.Fatalf("%d %q counts as a success", status, text)
				}
				if fault != nil && (strings.ContainsAny(fault.Reason, "\n<>`") || len(fault.Reason) > 300) {
					t.Fatalf("reason %q", fault.Reason)
				}
				if fault != nil && fault.Class == bridge.ClassUnsure && !c.NotIdempotent {
					t.Fatalf("%s is ClassUnsure though it is idempotent", c.Method)
				}
			}
		}
	})
}
