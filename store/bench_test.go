package store

// The figures come from
//
//	go test ./store -run '^$' -bench . -benchtime 2s
//
// with TMPDIR on a real disk. -rows sets the number of deliveries at rest in the large
// store.

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

var largeRows = flag.Int("rows", 1_000_000, "how many deliveries the large store of the benchmarks holds at rest")

// made are the stores that benchmarks share, by the number of messages at rest. It takes
// seconds to create a large one.
var made = map[int]string{}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, path := range made {
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// atRest returns the path of a store with n messages at rest, 20 per thread.
func atRest(b *testing.B, n int) string {
	b.Helper()
	if path := made[n]; path != "" {
		return path
	}
	dir, err := os.MkdirTemp("", "store-bench-") //nolint:usetesting // it outlives the benchmark, for the next one
	if err != nil {
		b.Fatal(err)
	}
	path := pathIn(dir)
	made[n] = path
	s := open(b, Config{Path: path, NoSync: true, Due: dueByTests})
	for from := 0; from < n; from += 50_000 {
		if err := s.db.Update(func(tx *bbolt.Tx) error { return restRows(tx, from, min(from+50_000, n)) }); err != nil {
			b.Fatalf("fill: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// restRows writes messages and the records of their threads where decisions would have
// left them, in the order of their keys.
func restRows(tx *bbolt.Tx, from, to int) error {
	tx.Bucket(bucketRest).FillPercent, tx.Bucket(bucketLive).FillPercent = 0.9, 0.9
	at := bridge.Instant{Now: time.Now().Round(0).UTC(), Opening: 1}
	for i := from; i < to; i += 20 {
		l, err := load(tx, clockGuard{}, threadNo(i/20), nil)
		if err != nil {
			return err
		}
		for j := range 20 {
			ts := fmt.Sprintf("1767225600.%06d", j)
			if err := fresh(ts)(l.rows, at); err != nil {
				return err
			}
			if err := settled(ts)(l.rows, at); err != nil {
				return err
			}
		}
		cs, err := l.changes(tx, at)
		if err != nil {
			return err
		}
		slices.SortFunc(cs, func(a, b change) int { return slices.Compare(a.key, b.key) })
		for _, c := range cs {
			if err := c.write(tx); err != nil {
				return err
			}
		}
	}
	return nil
}

func threadNo(i int) bridge.ThreadKey {
	return bridge.ThreadKey(fmt.Sprintf("T0123456789/C0123456789/1767%06d.000100", i))
}

// cpu returns the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured reports how long an operation took (median and a high percentile) and how much
// processor time it used.
func measured(b *testing.B, took []time.Duration, cpu time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(cpu.Microseconds())/float64(len(took)), "cpu-µs/op")
}

// BenchmarkAcceptAlone measures how long a single message waits for the disk.
func BenchmarkAcceptAlone(b *testing.B) {
	s := open(b, Config{Path: pathIn(b.TempDir()), Due: dueByTests})
	var took []time.Duration
	used, i := cpu(b), 0
	for b.Loop() {
		began := time.Now()
		add(b, s, threadNo(i), "1767225600.000100")
		took = append(took, time.Since(began))
		i++
	}
	measured(b, took, cpu(b)-used)
}

// BenchmarkAccept64 measures how many messages are accepted while 64 writers are waiting
// at any time.
func BenchmarkAccept64(b *testing.B) {
	const writers = 64
	s := open(b, Config{Path: pathIn(b.TempDir()), Due: dueByTests})
	var took [writers][]time.Duration
	var next atomic.Int64
	used, began := cpu(b), time.Now()
	b.ResetTimer()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				began := time.Now()
				add(b, s, threadNo(int(i)), "1767225600.000100")
				took[w] = append(took[w], time.Since(began))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "accepts/s")
	measured(b, slices.Concat(took[:]...), cpu(b)-used)
}

// BenchmarkClaimSettle measures the cost of accepting, claiming and settling a message,
// in a store with little at rest and in one with much at rest.
func BenchmarkClaimSettle(b *testing.B) {
	for _, n := range []int{1000, *largeRows} {
		b.Run(fmt.Sprintf("rest=%d", n), func(b *testing.B) {
			s := open(b, Config{Path: atRest(b, n), Due: dueByTests})
			var took []time.Duration
			var used time.Duration
			i := 0
			for b.Loop() {
				// Use threads that are far apart, so that each one is on other pages than
				// the last.
				thread, ts := threadNo(i*7919%(n/20)), fmt.Sprintf("1767225601.%06d", i)
				add(b, s, thread, ts)
				before, began := cpu(b), time.Now()
				claimSettle(b, s, ts)
				took = append(took, time.Since(began))
				used += cpu(b) - before
				i++
			}
			measured(b, took, used)
		})
	}
}

func claimSettle(b *testing.B, s *Store, ts string) {
	b.Helper()
	c, err := s.Claim(context.Background(), bridge.ToAgen)
	if err != nil || c == nil {
		b.Fatalf("claim: got %v, %v, want a lane", c, err)
	}
	if err := s.Settle(context.Background(), c, settled(ts)); err != nil {
		b.Fatalf("settle: %v", err)
	}
}

// BenchmarkOpen measures how long it takes to open a large store, after a clean close and
// after a crash.
func BenchmarkOpen(b *testing.B) {
	b.Run("closed", func(b *testing.B) { benchmarkOpen(b, func(b *testing.B, path string) { b.Helper() }) })
	b.Run("crashed", func(b *testing.B) { benchmarkOpen(b, uncleanly) })
}

func benchmarkOpen(b *testing.B, prepare func(b *testing.B, path string)) {
	b.Helper()
	path := atRest(b, *largeRows)
	for b.Loop() {
		b.StopTimer()
		prepare(b, path)
		b.StartTimer()
		s, err := Open(context.Background(), Config{Path: path, Due: dueByTests})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// uncleanly makes a file look as if it had not been closed: without the list of free
// pages.
func uncleanly(b *testing.B, path string) {
	b.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Delete(metaClosed) }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkScrub measures the cost of overwriting: the time of a pass after a hundred
// messages were settled, and how long one message waits for the disk while passes follow
// each other ten times per second, which is a hundred times as often as in production.
func BenchmarkScrub(b *testing.B) {
	b.Run("pass", func(b *testing.B) {
		s := open(b, Config{Path: pathIn(b.TempDir()), Due: noneDue})
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			for j := range 100 {
				ts := fmt.Sprintf("%d.%d", i, j)
				add(b, s, threadNo(j), ts)
				decide(b, s, threadNo(j), settled(ts))
			}
			b.StartTimer()
			if err := s.Scrub(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("accept", func(b *testing.B) {
		s := open(b, Config{Path: pathIn(b.TempDir()), Due: noneDue})
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
					if err := s.Scrub(context.Background()); err != nil {
						b.Error(err)
					}
				}
			}
		}()
		var took []time.Duration
		used, i := cpu(b), 0
		for b.Loop() {
			began := time.Now()
			add(b, s, threadNo(i), "1767225600.000100")
			took = append(took, time.Since(began))
			i++
		}
		measured(b, took, cpu(b)-used)
		close(stop)
		<-stopped
	})
}
