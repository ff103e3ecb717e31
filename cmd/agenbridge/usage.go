package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// usage lists the commands and the environment variables.
func usage(all []command) string {
	var b strings.Builder
	b.WriteString("agenbridge bridges Slack threads to the Agen coding agent.\n\nCommands:\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range all {
		fmt.Fprintf(table, "  %s\t%s\n", strings.TrimSpace("agenbridge "+c.name+" "+c.args), c.doc)
	}
	flush(table)
	b.WriteString("\nEnvironment variables. A secret can also be given as NAME_FILE, the path of a file that holds it:\n")
	for _, v := range daemon.Variables() {
		value := v.Default
		switch {
		case v.Required:
			value = "required"
		case value == "":
			value = "empty"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", v.Name, value, v.Doc)
	}
	flush(table)
	return b.String()
}

// flush writes a table out. A strings.Builder never fails.
func flush(table *tabwriter.Writer) { _ = table.Flush() }
