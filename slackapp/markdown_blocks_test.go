package slackapp

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// TestPartsAreFewBlocks compares how many blocks bridge/markdown expects with how many the fake makes of a part: of the
// answers in its testdata, one after the other often enough to be limited by blocks, and of random documents.
func TestPartsAreFewBlocks(t *testing.T) {
	check := func(md string) {
		t.Helper()
		for _, part := range markdown.Split(md, 11_500) {
			if n := slacktest.RenderedBlocks(part); n > markdown.MaxBlocks {
				t.Fatalf("got %d blocks, want %d at most: %q", n, markdown.MaxBlocks, part)
			}
		}
	}
	files, err := filepath.Glob("../bridge/markdown/testdata/answers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no answers: %v", err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			check(strings.Repeat(string(f.Data)+"\n", 40))
		}
	}
	pieces := []string{
		"\n", "\n", "\n\n", "a", "a b", "# ", "- ", "1. ", "2. ", "* ", "> ", "\n- ", "\n> ", "\n  - ", "\n    ", "\n  ", "\n\n  ", "\n\n    ",
		"\n---\n", "\n***\n", "\n===\n", "\n```\n", "\n```\n", "\n~~~\n", "<div>", "</div>\n", "<!-- ", " -->", "\n<b>\n", "\n|a|b|\n|-|-|\n", "|", "`",
		"\n[a]: /b\n", "\t", "\n\t",
	}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		var md strings.Builder
		for range 1 + r.IntN(12) {
			md.WriteString(pieces[r.IntN(len(pieces))])
		}
		check(strings.Repeat(md.String()+"\n", 60))
		check(strings.Repeat(md.String()+"\n\n", 60))
	}
}
