package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version string

// unknownVersion is the version of a build that doesn't record one.
const unknownVersion = "dev"

// build is what a binary records about its sources.
type build struct {
	// version is the linker's or else that of the module, which the go command takes
	// from the version control system (https://go.dev/doc/modules/version-numbers).
	version string
	// revision is the abbreviated commit, with +changes if the sources were
	// modified. It is empty if the build did not record it.
	revision string
}

func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(version, info)
}

// buildOf reads what the go command recorded. linked is the version that the linker
// set, or empty.
func buildOf(linked string, info *debug.BuildInfo) build {
	b := build{version: linked}
	changes := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changes = "+changes"
		}
	}
	if b.revision != "" {
		b.revision += changes
	}
	if b.version == "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	if b.version == "" {
		b.version = unknownVersion
	}
	return b
}

// String returns the version, and the revision if the version doesn't contain it.
func (b build) String() string {
	commit, _, _ := strings.Cut(b.revision, "+")
	if commit == "" || strings.Contains(b.version, commit) {
		return b.version
	}
	return b.version + " (" + b.revision + ")"
}

// printVersion prints the version, the commit if the build recorded it, the Go
// release and the platform.
func printVersion(out io.Writer) error {
	_, err := fmt.Fprintf(out, "agenbridge %s %s %s/%s\n", thisBuild(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
