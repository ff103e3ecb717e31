//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheSameSourcesMakeTheSameBinary builds copies of the sources in two
// folders, with the flags of the Dockerfile, and compares the bytes.
func TestTheSameSourcesMakeTheSameBinary(t *testing.T) {
	all, _ := instructions(t)
	flags := regexp.MustCompile(`go build (.*) -ldflags "([^"]*)" -o `).FindStringSubmatch(strings.Join(all, "\n"))
	if flags == nil {
		t.Fatal("the Dockerfile builds in a way that this test doesn't know")
	}
	args := append([]string{"build"}, strings.Fields(flags[1])...)
	args = append(args, "-ldflags", strings.ReplaceAll(flags[2], "${VERSION}", "v1.2.3"), "-o", "built", "./cmd/agenbridge")
	var sums [2][sha256.Size]byte
	for i, name := range []string{"one", "another/folder with a longer name"} {
		dir := filepath.Join(t.TempDir(), name)
		copySources(t, "../..", dir)
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
		built, err := os.ReadFile(filepath.Join(dir, "built"))
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{dir, os.Getenv("HOME") + "/"} {
			if len(place) > 1 && bytes.Contains(built, []byte(place)) {
				t.Errorf("the binary names %s", place)
			}
		}
		sums[i] = sha256.Sum256(built)
	}
	if sums[0] != sums[1] {
		t.Errorf("two folders made two binaries: %x and %x", sums[0], sums[1])
	}
}

// copySources copies what a build needs, which is what .dockerignore includes.
func copySources(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		switch {
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(name, "test") || d.Name() == "agendemo"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
