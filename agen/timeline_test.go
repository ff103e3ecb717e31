package agen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/agenbridge/agenbridge/agen"
)

// read returns the decoded events of a timeline.
func read(r io.Reader) (all []agen.Event, err error) {
	err = agen.ReadTimeline(r, func(e *agen.RawEvent) error {
		all = append(all, e.Event())
		return nil
	})
	return all, err
}

func TestTimelineArrivesInPieces(t *testing.T) {
	body := timeline(300)
	var want []agen.Event
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"at once":      bytes.NewReader(body),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(body)),
		"by halves":    iotest.HalfReader(bytes.NewReader(body)),
		"data and EOF": iotest.DataErrReader(bytes.NewReader(body)),
		"byte order":   io.MultiReader(strings.NewReader("\uFEFF \n"), bytes.NewReader(body)),
	} {
		if got, err := read(r); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %d events, %v; want %d, the same", name, len(got), err, len(want))
		}
	}
}

// TestMembersInAnyOrder reads events whose members are in another order than in the event before: with unknown members
// between them, missing, repeated, escaped, and with names that have a known one as a prefix.
func TestMembersInAnyOrder(t *testing.T) {
	members := []string{
		`"id":"e"`, `"session_id":"s"`, `"type":"agent_message"`, `"payload":{"id":"p"}`, `"status":"queued"`, `"client_id":"c"`,
		`"session_goal_id":"g"`, `"session_task_id":"t"`, `"created_at":"2026-01-02"`, `"updated_at":"2026-01-03"`,
		`"i":"x"`, `"idx":"x"`, `"session":"x"`, `"":"x"`, `"id\"":"x"`, `"i\u0064":"e2"`, `"status":"completed"`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	var events []string
	for range 500 {
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		events = append(events, "{"+strings.Join(members[:random.IntN(len(members)+1)], ",")+"}")
	}
	got, err := read(strings.NewReader("[" + strings.Join(events, ",") + "]"))
	if err != nil || len(got) != len(events) {
		t.Fatalf("got %d events, %v; want %d", len(got), err, len(events))
	}
	for i, event := range events {
		compareWithEncodingJSON(t, json.RawMessage(event), got[i])
	}
}

// TestTruncatedTimeline cuts a timeline after every byte: no prefix may be read as a complete timeline.
func TestTruncatedTimeline(t *testing.T) {
	body := timeline(3)
	for n := range body {
		if _, err := read(bytes.NewReader(body[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: got %v, want io.ErrUnexpectedEOF", n, err)
		}
	}
	broken := errors.New("connection reset")
	if _, err := read(io.MultiReader(bytes.NewReader(body[:50]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func TestLargeEvents(t *testing.T) {
	ids := func(message string) (ids []string, err error) {
		body := fmt.Sprintf(`[{"id":"1"},{"id":"2","payload":{"message":%q}},{"id":"3"}]`, message)
		c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: &cannedResponse{[]byte(body)}}})
		_, err = c.Timeline(t.Context(), "s", "", func(e *agen.RawEvent) error {
			ids = append(ids, string(e.ID()))
			return nil
		})
		return ids, err
	}
	if got, err := ids(strings.Repeat(`\"{[`, 500_000)); err != nil || len(got) != 3 {
		t.Errorf("got %q, %v; want all", got, err)
	}
	got, err := ids(strings.Repeat("x", 17<<20))
	wantClass(t, err, "read events", agen.ClassRejected)
	if len(got) != 1 {
		t.Errorf("got %q before the event that is too large, want one", got)
	}
}

func TestVisitErrorStopsReading(t *testing.T) {
	enough := errors.New("enough")
	c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: &cannedResponse{timeline(100)}}})
	n := 0
	_, err := c.Timeline(t.Context(), "s", "", func(*agen.RawEvent) error {
		if n++; n == 7 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 7 || err.Error() != "enough" {
		t.Errorf("got %v after %d, want %v after 7", err, n, enough)
	}
}

// generatedTimeline generates the events of a timeline, without the opening bracket, while it is read.
type generatedTimeline struct {
	left int
	rest []byte
}

func (e *generatedTimeline) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		switch {
		case e.left < 0:
			return 0, io.EOF
		case e.left == 0:
			e.rest = []byte("]")
		default:
			e.rest = oneEvent
			if e.left > 1 {
				e.rest = oneEventAndComma
			}
		}
		e.left--
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

var (
	oneEvent         = bytes.Trim(timeline(1), "[]")
	oneEventAndComma = append(bytes.Clone(oneEvent), ',')
)

// TestLongTimelineIsNeverInMemory reads 50,000 events, 25 MB, and limits what is allocated in total.
func TestLongTimelineIsNeverInMemory(t *testing.T) {
	const events, limit = 50_000, 2 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	if err := agen.ReadTimeline(io.MultiReader(strings.NewReader("["), &generatedTimeline{left: events}), func(e *agen.RawEvent) error {
		if e.Status() == agen.StatusCompleted && len(e.ID()) > 0 {
			n++
		}
		return nil
	}); err != nil || n != events {
		t.Fatalf("got %d events, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > limit {
		t.Errorf("allocated %d bytes, want at most %d", got, limit)
	}
}

// TestPollAllocatesLittle limits the allocations of a poll of 10,000 events.
func TestPollAllocatesLittle(t *testing.T) {
	c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: &cannedResponse{timeline(10_000)}}})
	perPoll := testing.AllocsPerRun(5, func() {
		if _, err := c.Timeline(t.Context(), "s", "", func(e *agen.RawEvent) error {
			if e.Type() == "" || len(e.Payload()) == 0 || len(e.UpdatedAt()) == 0 || len(e.ClientID()) > 0 || len(e.Bytes()) == 0 {
				return errors.New("an event is not complete")
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
	if perPoll > 200 {
		t.Errorf("got %.0f allocations, want at most 200", perPoll)
	}
}

func TestNotModified(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"1"`)
		if r.Header.Get("If-None-Match") == `W/"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, `[{"id":"1"}]`)
	})
	visits := 0
	visit := func(*agen.RawEvent) error { visits++; return nil }
	etag, err := c.Timeline(t.Context(), "s", "", visit)
	if err != nil || etag != `W/"1"` || visits != 1 {
		t.Fatalf("got %q, %v after %d events", etag, err, visits)
	}
	if _, err := c.Timeline(t.Context(), "s", etag, visit); !errors.Is(err, agen.ErrNotModified) || visits != 1 {
		t.Errorf("got %v after %d events, want not modified", err, visits)
	}
	if etag, err := c.Timeline(t.Context(), "s", "bad\nvalue", visit); err != nil || etag == "" || visits != 2 {
		t.Errorf("got %q, %v after %d events, want everything read", etag, err, visits)
	}
}
