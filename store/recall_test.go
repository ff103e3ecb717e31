package store

import (
	"strings"
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestRecalledRowsAreCopies(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	record, err := seal(1, &bridge.MessageRow{Message: bridge.Message{TS: "1.000100"}, Delivery: bridge.Delivery{State: bridge.Ready}})
	if err != nil {
		t.Fatal(err)
	}
	h := horizon{boot: 1, opened: now, recalls: new(recalls)}
	first, _, err := h.message(record)
	if err != nil {
		t.Fatal(err)
	}
	first.State = bridge.Done
	for range 2 {
		again, _, err := h.message(record)
		if err != nil || again.State != bridge.Ready {
			t.Errorf("the row after a copy was changed: got %+v, %v, want state %s", again, err, bridge.Ready)
		}
		again.State = bridge.Dead
	}
}

func TestRecallIsBounded(t *testing.T) {
	var r recall[int]
	for i := range 3000 {
		r.put([]byte(strings.Repeat("x", 1000)+string(rune(i))), i)
	}
	kept := 0
	for _, rows := range []map[string]int{r.fresh, r.stale} {
		for record := range rows {
			kept += len(record)
		}
	}
	if kept > 2*recallBytes {
		t.Errorf("got %d bytes of records, want at most %d", kept, 2*recallBytes)
	}
	r.forget()
	var row int
	if r.get([]byte(strings.Repeat("x", 1000)+string(rune(2999))), &row) {
		t.Error("a row is remembered after everything was to be forgotten")
	}
}
