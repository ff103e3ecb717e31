package spelling_test

import (
	"testing"

	"github.com/agenbridge/agenbridge/bridge/spelling"
)

func TestClosest(t *testing.T) {
	words := []string{"branch", "model", "modem"}
	for word, want := range map[string]struct {
		best     string
		distance int
	}{
		"model":   {"model", 0},
		"modl":    {"model", 1},
		"brnahc":  {"branch", 2}, // neighbors are swapped twice
		"barnch":  {"branch", 1},
		"mode":    {"model", 1}, // the first of two at the same distance
		"xbranch": {"branch", 1},
		"":        {"model", 5},
	} {
		if best, distance := spelling.Closest(word, words); best != want.best || distance != want.distance {
			t.Errorf("Closest(%q) = %q, %d, want %q, %d", word, best, distance, want.best, want.distance)
		}
	}
	if best, distance := spelling.Closest("model", nil); best != "" || distance != -1 {
		t.Errorf("Closest without words = %q, %d, want nothing, -1", best, distance)
	}
}
