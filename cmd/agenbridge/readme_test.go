package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// row is a line of the README's table of variables: | `NAME` | default | ...
var row = regexp.MustCompile("^\\| *`([A-Z][A-Z0-9_<>]+)` *\\| *(.*?) *\\|")

// TestReadmeListsEveryVariable compares the table in the README with the code:
// the same names in the same order, with the same defaults. A default stands
// in backquotes; a variable without one has "required" or "empty" there.
func TestReadmeListsEveryVariable(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if m := row.FindStringSubmatch(line); m != nil {
			got = append(got, m[1]+" "+strings.Trim(m[2], "`"))
		}
	}
	var want []string
	for _, v := range daemon.Variables() {
		value := v.Default
		switch {
		case v.Required:
			value = "required"
		case value == "":
			value = "empty"
		}
		want = append(want, v.Name+" "+value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's table (-code +README):\n%s", diff)
	}
}
