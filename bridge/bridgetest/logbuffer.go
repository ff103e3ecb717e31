package bridgetest

import (
	"bytes"
	"strings"
	"sync"
)

// LogBuffer keeps what is written to it, such as a log or the output of a process,
// and can be read at the same time. The zero value is ready to use.
type LogBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (b *LogBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns everything that was written so far.
func (b *LogBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Tail returns the last n bytes.
func (b *LogBuffer) Tail(n int) string {
	all := b.String()
	return all[max(0, len(all)-n):]
}

// Has reports whether the text was written.
func (b *LogBuffer) Has(text string) bool { return strings.Contains(b.String(), text) }

// Count counts how often the text was written.
func (b *LogBuffer) Count(text string) int { return strings.Count(b.String(), text) }

// Lines returns the lines that contain the text.
func (b *LogBuffer) Lines(text string) []string {
	var all []string
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, text) {
			all = append(all, line)
		}
	}
	return all
}
