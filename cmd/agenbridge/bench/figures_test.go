//go:build linux

package bench

import (
	"slices"
	"testing"
	"time"
)

// figures collects the measurements of a benchmark's rounds, by unit.
type figures map[string][]float64

func (f figures) add(unit string, value float64) { f[unit] = append(f[unit], value) }

// addTimes adds the median and the 99th percentile of a round, in ms.
func (f figures) addTimes(what string, took []time.Duration) {
	slices.Sort(took)
	f.add(what+"-p50-ms", milliseconds(took[len(took)/2]))
	f.add(what+"-p99-ms", milliseconds(took[len(took)*99/100]))
}

// report reports the median of each measurement over the rounds.
func (f figures) report(b *testing.B) {
	b.Helper()
	for unit, values := range f {
		b.ReportMetric(median(values), unit)
		if len(values) > 1 {
			b.Logf("%s: %.4g", unit, values)
		}
	}
	b.ReportMetric(0, "ns/op") // the duration of a round has no meaning
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
