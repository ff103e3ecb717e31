package slackapp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitLinesLosesNothing(t *testing.T) {
	text := strings.Repeat("ä line of text\n", 1000)
	parts := splitLines(text, maxSection, oneEach)
	for _, p := range parts {
		if n := utf8.RuneCountInString(p); n > maxSection {
			t.Errorf("a part of %d characters", n)
		}
	}
	if got := strings.Join(parts, "\n"); strings.TrimSpace(got) != strings.TrimSpace(text) {
		t.Error("joined again it is another text")
	}
	long := strings.Repeat("x", 7000)
	if got := splitLines(long, maxSection, oneEach); len(got) != 3 || strings.Join(got, "") != long {
		t.Errorf("a line without ends became %d parts", len(got))
	}
	if got := splitLines("", maxSection, oneEach); len(got) != 0 {
		t.Errorf("nothing became %q", got)
	}
	if got := truncate("äöü", 2); got != "ä…" {
		t.Errorf("cut to %q", got)
	}
}
