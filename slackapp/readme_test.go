package slackapp

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"testing"
)

// The README for Slack admins explains each scope that the code needs and the
// manifest asks for, and no other.
func TestReadmeHasEveryScopeOfTheManifest(t *testing.T) {
	manifest, err := os.ReadFile("../manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	requested, _, ok := bytes.Cut(manifest, []byte("bot_optional:"))
	if !ok {
		t.Fatal("the manifest has no optional scopes")
	}
	scopes := func(pattern string, text []byte) (all []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			all = append(all, string(m[1]))
		}
		return all
	}
	var want []string
	for _, s := range NeededScopes() {
		want = append(want, s.Name)
	}
	got := scopes("(?m)^\\| `([a-z_.]+:[a-z]+)` \\|.*\\|$", readme)
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
	inManifest := scopes(`(?m)^ +- ([a-z_.]+:[a-z]+)$`, requested)
	slices.Sort(inManifest)
	slices.Sort(got)
	if !slices.Equal(got, inManifest) {
		t.Errorf("the table has %v, and the manifest %v", got, inManifest)
	}
}
