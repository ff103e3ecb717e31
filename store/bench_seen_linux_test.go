package store

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// written returns the number of bytes that the process has passed to the system to write.
func written(b *testing.B) int64 {
	b.Helper()
	content, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Fatal(err)
	}
	var read, wrote int64
	if _, err := fmt.Sscanf(string(content), "rchar: %d\nwchar: %d\n", &read, &wrote); err != nil {
		b.Fatal(err)
	}
	return wrote
}

// BenchmarkSeen measures the cost of storing that ten more events were seen, in a thread
// that has seen few events and in one that has seen many.
func BenchmarkSeen(b *testing.B) {
	for _, seen := range []int{1000, 10_000, 50_000} {
		b.Run(fmt.Sprintf("seen=%d", seen), func(b *testing.B) {
			s := open(b, Config{Path: pathIn(b.TempDir()), Due: noneDue})
			thread := bridge.ThreadKey("T0123456789/C0123456789/1767225600.000100")
			decide(b, s, thread, sees(0, seen))
			var took []time.Duration
			used, before := cpu(b), written(b)
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				decide(b, s, thread, sees(seen+10*i, 10))
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64(written(b)-before)/float64(len(took)), "written-B/op")
			measured(b, took, cpu(b)-used)
		})
	}
}
