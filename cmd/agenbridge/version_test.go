package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionNamesTheSources(t *testing.T) {
	const commit = "68ed1c0fb61c668f3061be20a3495dc41e70a2ee"
	recorded := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: modified}}
	}
	for _, c := range []struct {
		linked, module string
		settings       []debug.BuildSetting
		want           string
	}{
		{"v1.2.3", "(devel)", nil, "v1.2.3"},
		{"v1.2.3", "(devel)", recorded("false"), "v1.2.3 (68ed1c0fb61c)"},
		{"", "(devel)", recorded("true"), "dev (68ed1c0fb61c+changes)"},
		{"", "v0.0.0-20261130084626-68ed1c0fb61c", recorded("false"), "v0.0.0-20261130084626-68ed1c0fb61c"},
		{"", "v0.0.0-20261130084626-68ed1c0fb61c+dirty", recorded("true"), "v0.0.0-20261130084626-68ed1c0fb61c+dirty"},
		{"", "v1.2.3", nil, "v1.2.3"}, // go install
		{"", "(devel)", nil, "dev"},
		{"", "", nil, "dev"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.module}, Settings: c.settings}
		if got := buildOf(c.linked, info).String(); got != c.want {
			t.Errorf("linked %q, module %q: got %q, want %q", c.linked, c.module, got, c.want)
		}
	}
}
