package store

import (
	"slices"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestFormerKeysAreKnown(t *testing.T) {
	cfg := Config{Path: pathIn(t.TempDir())}
	s := open(t, cfg)
	merge := func(_, _ *bridge.ThreadState, _ bridge.Instant) error { return nil }
	for _, m := range [][2]bridge.ChannelKey{{"T/C1/", "T/C2/"}, {"T/C2/", "T/C3/"}} {
		if _, err := s.Move(t.Context(), m[0], m[1], merge); err != nil {
			t.Fatal(err)
		}
	}
	got := s.Former("T/C3/1.000001")
	slices.Sort(got)
	if want := []bridge.ThreadKey{"T/C1/1.000001", "T/C2/1.000001"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := s.Former("T/C30/1.000001"); len(got) != 0 {
		t.Errorf("of another channel: got %v", got)
	}
}
