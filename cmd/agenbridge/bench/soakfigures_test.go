//go:build linux

package bench

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// reading is what was measured at one moment.
type reading struct {
	at                           time.Time
	anon, goroutines, owed, file float64
	said, acked, arrived         int
}

// record has all readings. rest is the reading after nothing was pending anymore.
type record struct {
	all  []reading
	rest reading
	// limited is how often Slack answered 429, by the labels of the metric.
	limited map[string]float64
}

// windows are the parts of the run over which the medians are taken, each the same
// time after an outage.
var windows = []struct {
	name     string
	from, to float64
}{{"start", 0.15, 0.20}, {"middle", 0.55, 0.60}, {"end", 0.95, 1.00}}

// These are the limits of a long run: memory and goroutines at the end relative to
// the middle, and the growth of the file. The file grows in steps of 16 MiB, and
// about as many rows are pruned as are added: one step is allowed.
const (
	memoryMayGrow     = 1.25
	goroutinesMayGrow = 20
	fileMayGrow       = 17 // MB
)

// sample takes a reading.
func (s *soak) sample(name string) {
	s.t.Helper()
	metrics := s.scrape()
	r := reading{
		at: time.Now(), anon: s.child.megabytes("RssAnon"), file: megabytesOf(s.t, s.storePath),
		goroutines: metrics["go_goroutines"], said: s.count,
		owed: metrics[`agenbridge_lanes_pending{remote="agen"}`] + metrics[`agenbridge_lanes_pending{remote="slack"}`],
	}
	s.facts.mu.Lock()
	r.acked = len(s.facts.acks)
	s.facts.mu.Unlock()
	s.mu.Lock()
	r.arrived = len(s.reached)
	s.mu.Unlock()
	if name != "" {
		s.record.rest = r
		maps.DeleteFunc(metrics, func(line string, _ float64) bool {
			return !strings.HasPrefix(line, `agenbridge_slack_call_faults_total{class="rate_limited"`)
		})
		s.record.limited = metrics
		return
	}
	if all := s.record.all; len(all) == 0 || r.at.Truncate(time.Minute) != all[len(all)-1].at.Truncate(time.Minute) {
		var b strings.Builder
		s.line(&b, "now", r, 0, 0)
		s.t.Log(b.String(), len(s.talks), " threads")
	}
	s.record.all = append(s.record.all, r)
}

// scrape reads the daemon's metrics.
func (s *soak) scrape() map[string]float64 {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.probe+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	found := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			found[name] = n
		}
	}
	return found
}

// report prints the measurements, and checks those of a long run against the
// limits.
func (s *soak) report() {
	s.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s %8s %8s %10s %6s %8s %8s %8s %8s %10s %10s\n", "", "after", "RssAnon", "goroutines", "lanes", "file",
		"said", "acked", "arrived", "p50", "p99")
	rows := make([]reading, 0, len(windows))
	for _, w := range windows {
		in := slices.DeleteFunc(slices.Clone(s.record.all), func(r reading) bool {
			return r.at.Before(s.at(w.from)) || r.at.After(s.at(w.to))
		})
		if len(in) == 0 {
			s.t.Logf("no reading at the %s", w.name)
			return
		}
		rows = append(rows, middle(in))
		p50, p99 := s.delays(s.at(w.from), s.at(w.to))
		s.line(&b, w.name, rows[len(rows)-1], p50, p99)
	}
	p50, p99 := s.delays(s.began, s.at(1))
	s.line(&b, "at rest", s.record.rest, p50, p99)
	s.t.Logf("\n%sthe last line has the delays of the whole time; threads: %d; people: %v; faults: %v; 429: %v",
		b.String(), len(s.ended), s.actions, s.storm.hits, s.record.limited)
	if s.judged {
		s.judge(rows[1], rows[2])
	}
}

func (s *soak) line(b *strings.Builder, name string, r reading, p50, p99 time.Duration) {
	fmt.Fprintf(b, "%-8s %8v %5.1f MB %10.0f %6.0f %5.1f MB %8d %8d %8d %10v %10v\n", name, r.at.Sub(s.began).Round(time.Second), r.anon,
		r.goroutines, r.owed, r.file, r.said, r.acked, r.arrived, p50.Round(100*time.Microsecond), p99.Round(time.Millisecond))
}

func (s *soak) judge(middle, end reading) {
	s.t.Helper()
	if limit := middle.anon * memoryMayGrow; end.anon > limit {
		s.t.Errorf("RssAnon: %.1f MB at the end, the limit is %.1f", end.anon, limit)
	}
	if limit := middle.goroutines + goroutinesMayGrow; end.goroutines > limit {
		s.t.Errorf("goroutines: %.0f at the end, the limit is %.0f", end.goroutines, limit)
	}
	if limit := s.record.all[0].file + fileMayGrow; end.file > limit {
		s.t.Errorf("the file: %.1f MB at the end, the limit is %.1f", end.file, limit)
	}
}

// middle returns the median of each measurement, and the last value of each
// counter.
func middle(in []reading) reading {
	of := func(figure func(reading) float64) float64 {
		var values []float64
		for _, r := range in {
			values = append(values, figure(r))
		}
		return median(values)
	}
	r := in[len(in)-1]
	r.anon = of(func(r reading) float64 { return r.anon })
	r.goroutines = of(func(r reading) float64 { return r.goroutines })
	r.owed = of(func(r reading) float64 { return r.owed })
	return r
}

// delays returns the median and the 99th percentile of the time from a message to
// its first send, for the messages of that period.
func (s *soak) delays(from, to time.Time) (p50, p99 time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var took []time.Duration
	for ts, u := range s.said {
		if at := s.reached[ts]; len(at) > 0 && !u.words.said.Before(from) && u.words.said.Before(to) {
			took = append(took, at[0].Sub(u.words.said))
		}
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// freeAddress returns a loopback address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}
