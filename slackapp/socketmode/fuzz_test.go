package socketmode

import (
	"context"
	"os"
	"path/filepath"
	"testing"
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

func FuzzFrame(f *testing.F) {
	seeds(f, "frame-*.json")
	f.Fuzz(func(t *testing.T, frame string) {
		w := &counter{}
		handled := 0
		s := newSocket(testConfig(w), 1, func(context.Context, Envelope) { handled++ })
		c := newConnection(s, nil, nil)
		c.receive(t.Context(), []byte(frame))
		if sum := handled + len(c.why) + w.events[EventOpened] + w.events[EventUnreadable]; sum != 1 {
			t.Fatalf("handled %d, asked to reconnect %d times, events %v: want exactly one of them", handled, len(c.why), w.events)
		}
	})
}
