package content

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// seeds adds the files of testdata/seeds that match, and fails if there are none: a fuzz target without seeds passes and
// shows nothing.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "seeds", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds %s: %v", pattern, err)
	}
	for _, name := range files {
		seed, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(seed))
	}
}

func FuzzMrkdwn(f *testing.F) {
	seeds(f, "mrkdwn-*.txt")
	f.Fuzz(func(t *testing.T, text string) {
		got := FromMrkdwn(text, testBook)
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
		if !strings.ContainsAny(text, "<>&*_~`•") && got != text {
			t.Fatalf("plain %q became %q", text, got)
		}
		for _, line := range strings.Split(Quote(Tidy(got)), "\n") {
			if !strings.HasPrefix(line, ">") {
				t.Fatalf("%q is not quoted whole", text)
			}
		}
	})
}

func FuzzRichText(f *testing.F) {
	seeds(f, "rich-*.json")
	f.Fuzz(func(t *testing.T, blocks string) {
		text, ok := FromRichText(json.RawMessage(blocks), testBook, "UBOT")
		if ok && utf8.ValidString(blocks) && !utf8.ValidString(text) {
			t.Fatalf("%q became %q", blocks, text)
		}
		FromBlocks(json.RawMessage(blocks), testBook)
	})
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Ann Lee", "a\nb", "**x**", "\u202e", strings.Repeat("x", 500)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanName(name)
		if strings.ContainsAny(got, "\n\r`*<>[]|:") || utf8.RuneCountInString(got) > maxName {
			t.Fatalf("%q became %q", name, got)
		}
		if again := CleanName(got); again != got {
			t.Fatalf("%q became %q, and then %q", name, got, again)
		}
	})
}
