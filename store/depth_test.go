package store

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestDepth(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *Store) {
		if got := s.Depth(bridge.ToAgen); got != (bridge.Depth{}) {
			t.Errorf("depth of an empty store: got %+v", got)
		}
		add(t, s, "A", "1.0")
		time.Sleep(3 * time.Second)
		add(t, s, "B", "1.0")
		time.Sleep(4 * time.Second)
		if got, want := s.Depth(bridge.ToAgen), (bridge.Depth{Lanes: 2, LaneWait: 7 * time.Second, Undelivered: 2, Oldest: 7 * time.Second}); got != want {
			t.Errorf("depth: got %+v, want %+v", got, want)
		}
		if _, err := s.Claim(t.Context(), bridge.ToAgen); err != nil {
			t.Fatal(err)
		}
		if got, want := s.Depth(bridge.ToAgen), (bridge.Depth{Lanes: 2, LaneWait: 4 * time.Second, Undelivered: 2, Oldest: 7 * time.Second}); got != want {
			t.Errorf("depth with one lane leased: got %+v, want %+v", got, want)
		}
	})
}
