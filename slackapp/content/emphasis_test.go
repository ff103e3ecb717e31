package content

import (
	"strings"
	"testing"
)

// TestStylesKeepTheText writes neighbors in all combinations of styles: whichever mark can't stand between them is left
// out, and none is shown.
func TestStylesKeepTheText(t *testing.T) {
	styles := []runStyle{
		{},
		{bold: true},
		{italic: true},
		{strike: true},
		{bold: true, italic: true},
		{bold: true, strike: true},
		{italic: true, strike: true},
	}
	marks := strings.NewReplacer("{b ", "", "{i ", "", "{s ", "", "}", "", "p ", "", " ", "", "\n", "")
	for _, words := range [][4]string{
		{"ab", "cd", " ", "ef"},
		{"(a)", "b", "c", "*"},
		{"a", "*b", "c*", "d"},
		{"文", "（字）", "a", "_b_"},
		{"a.", "b", "c", "d!"},
		{"**", "a", "b", "*c"},
		{"a", "b c", "d", "e"},
		{" a", "b", "c ", "d"},
		{"_", "a", "~b", "c~"},
	} {
		want := strings.ReplaceAll(strings.Join(words[:], ""), " ", "")
		for n := range len(styles) * len(styles) * len(styles) * len(styles) {
			var in inline
			for _, word := range words {
				in.text(word, styles[n%len(styles)])
				n /= len(styles)
			}
			if got := marks.Replace(meaning(in.String())); got != want {
				t.Fatalf("%q is read as %q", in.String(), got)
			}
		}
	}
}
