package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// usage prints the commands and the environment variables.
func usage(w io.Writer) {
	fmt.Fprint(w, "agenbridge bridges Slack threads to the Agen coding agent.\n\nCommands:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", strings.TrimSpace("agenbridge "+c.name+" "+c.args), c.doc)
	}
	flush(table)
	fmt.Fprint(w, "\nEnvironment variables, each secret also as NAME_FILE, the path of a file that holds it:\n")
	for _, v := range daemon.Variables() {
		note := v.Default
		switch {
		case v.Required:
			note = "required"
		case note == "":
			note = "empty"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", v.Name, note, v.Doc)
	}
	flush(table)
}

// flush ends a table. Who can't read it can't be told either.
func flush(table *tabwriter.Writer) {
	_ = table.Flush()
}

// printVersion prints the version, the commit when the build knows it, and
// what it was built with.
func printVersion(out io.Writer) int {
	fmt.Fprintf(out, "agenbridge %s%s %s %s/%s\n", version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitGood
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return ""
	}
	return " (" + revision + dirty + ")"
}
