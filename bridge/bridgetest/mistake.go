package bridgetest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Mistake reads a file that breaks the bridge on purpose, and returns what the
// go command's -overlay wants to build it like that, and what the file says
// about the mistake. The file is a txtar archive of pairs: lines of a source as
// they are, and as they are to be. Sources are named by their path in the
// module, which is at the path module, and what follows a colon is for the
// reader. Lines that are not there exactly once fail the test: the file is to be
// kept up to date.
func Mistake(t *testing.T, module, file string) (overlay, about string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if module, err = filepath.Abs(module); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sources := map[string][]byte{}
	for pair := range slices.Chunk(archive.Files, 2) {
		name, _, _ := strings.Cut(pair[0].Name, ":")
		if sources[name] == nil {
			if sources[name], err = os.ReadFile(filepath.Join(module, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
		if n := bytes.Count(sources[name], pair[0].Data); n != 1 {
			t.Fatalf("%s: the lines to change are in %s %d times, want once: bring the file up to date", file, name, n)
		}
		sources[name] = bytes.Replace(sources[name], pair[0].Data, pair[1].Data, 1)
	}
	replace := map[string]string{}
	for name, source := range sources {
		changed := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		write(t, changed, source)
		replace[filepath.Join(module, filepath.FromSlash(name))] = changed
	}
	described, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	write(t, overlay, described)
	return overlay, string(archive.Comment)
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
