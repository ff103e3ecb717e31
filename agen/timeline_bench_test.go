package agen_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// timeline returns a timeline of n events with the usual members, as JSON.
func timeline(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	types := agen.EventTypes()
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		kind := types[i%len(types)]
		fmt.Fprintf(&b, `{"id":"0198c7f2-5d1e-7a60-8f3b-%012d","session_id":"0198c7f0-1111-7222-8333-444455556666",`+
			`"type":%q,"payload":{"type":%q,"path":"internal/relay/worker_%d.go","summary":"read \"worker\" and its tests",`+
			`"lines":[%d,%d]},"status":"completed","client_id":null,"session_goal_id":null,`+
			`"session_task_id":"0198c7f1-aaaa-7bbb-8ccc-ddddeeeeffff","created_at":"2026-01-02T03:04:05.678901Z",`+
			`"updated_at":"2026-01-02T03:04:06.123456Z"}`, i, kind, kind, i, i, i+40)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// cannedResponse answers every request with the same body, without a network.
type cannedResponse struct{ body []byte }

func (c *cannedResponse) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(c.body)), Request: req,
	}, nil
}

// BenchmarkScan10000 reads a timeline without decoding anything: in the usual form, with the members of each event in
// another order, and with white space.
func BenchmarkScan10000(b *testing.B) {
	body := timeline(10_000)
	for _, shape := range []struct {
		name string
		body []byte
	}{{"usual", body}, {"disorder", shuffleMembers(b, body)}, {"spaces", indent(b, body)}} {
		b.Run(shape.name, func(b *testing.B) {
			b.SetBytes(int64(len(shape.body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := agen.ReadTimeline(bytes.NewReader(shape.body), func(*agen.RawEvent) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// shuffleMembers writes the members of every event in another order.
func shuffleMembers(b *testing.B, timeline []byte) []byte {
	b.Helper()
	var events []map[string]json.RawMessage
	if err := json.Unmarshal(timeline, &events); err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	for i, event := range events {
		out.WriteByte("[,"[min(i, 1)])
		n := 0
		for name, value := range event { // in random order
			fmt.Fprintf(&out, "%c%q:%s", "{,"[min(n, 1)], name, value)
			n++
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return out.Bytes()
}

// indent adds white space between all tokens of a timeline.
func indent(b *testing.B, timeline []byte) []byte {
	b.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, timeline, "", "  "); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkTimeline10000(b *testing.B) {
	body := timeline(10_000)
	client, err := agen.New(agen.Config{Key: testKey, HTTPClient: &http.Client{Transport: &cannedResponse{body}}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := client.Timeline(context.Background(), "s", "", func(e *agen.RawEvent) error {
			if len(e.ID()) > 0 && e.Status() == agen.StatusCompleted && e.Type() != "" && len(e.Payload()) > 0 {
				n++
			}
			return nil
		}); err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkDecode10000 copies every event of a timeline.
func BenchmarkDecode10000(b *testing.B) {
	body := timeline(10_000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := agen.ReadTimeline(bytes.NewReader(body), func(e *agen.RawEvent) error { e.Event(); return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON10000(b *testing.B) {
	body := timeline(10_000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var all []struct {
			ID, Type, Status string
			Payload          json.RawMessage
		}
		if err := json.Unmarshal(body, &all); err != nil {
			b.Fatal(err)
		}
	}
}
