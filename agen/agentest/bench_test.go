package agentest_test

import (
	"context"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// BenchmarkPoll10000 reads a timeline of 10,000 events over a real connection. Time and memory include the server's.
func BenchmarkPoll10000(b *testing.B) {
	srv := agentest.New(agentest.Config{})
	if err := srv.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer srv.Close()
	id := srv.AddSession("", agen.Session{}).ID
	for range 10_000 {
		if _, err := srv.AddEvent(id, agentest.FileEdit("internal/relay/worker.go")); err != nil {
			b.Fatal(err)
		}
	}
	c, err := agen.New(agen.Config{BaseURL: srv.URL(), Key: agentest.DefaultKey})
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseIdleConnections()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := c.Timeline(context.Background(), id, "", func(e *agen.RawEvent) error {
			if len(e.ID()) > 0 && e.Status() == agen.StatusCompleted {
				n++
			}
			return nil
		}); err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}
