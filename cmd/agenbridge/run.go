package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// The exit statuses.
const (
	exitGood  = 0
	exitBad   = 1
	exitUsage = 2
)

// command is what one word of the command line does. The configuration is
// parsed already where it needs one.
type command struct {
	// args names the arguments it takes, empty for none.
	name, args, doc string
	bare            func(out io.Writer) int
	full            func(ctx context.Context, cfg daemon.Config, out, errs io.Writer) int
}

func commands() []command {
	return []command{
		{name: "serve", doc: "run the bridge; also without a command", full: serve},
		{name: "check", doc: "try the configuration, the tokens and the scopes; changes nothing", full: check},
		{name: "health", doc: "ask the running bridge's /healthz", full: nil},
		{name: "backup", args: "<file>", doc: "have the running bridge copy its store to a new file", full: nil},
		{name: "version", doc: "say what this is", bare: printVersion},
		{name: "help", doc: "show this", bare: func(out io.Writer) int { usage(out); return exitGood }},
	}
}

// run is the whole program but for the process around it: args are without the
// program's name, environ is all that it knows of the environment.
func run(ctx context.Context, args []string, environ map[string]string, out, errs io.Writer) int {
	name := "serve"
	if len(args) > 0 {
		name = args[0]
	}
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	if len(args) > 1 && name != "backup" {
		fmt.Fprintf(errs, "agenbridge %s takes no arguments; it is configured by environment variables (agenbridge help)\n", name)
		return exitUsage
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		switch {
		case c.bare != nil:
			return c.bare(out)
		case name == "health":
			return health(ctx, environ, out, errs)
		case name == "backup":
			return backup(ctx, args[1:], environ, out, errs)
		}
		cfg, err := daemon.Parse(environ)
		if err != nil {
			fmt.Fprintf(errs, "agenbridge can't use its configuration:\n%v\n", err)
			return exitUsage
		}
		return c.full(ctx, cfg, out, errs)
	}
	fmt.Fprintf(errs, "agenbridge has no command %q\n\n", name)
	usage(errs)
	return exitUsage
}

// gcPercent has the garbage collector run half as often as it would: the heap is
// a few megabytes, and that is a tenth of the processor time under load.
const gcPercent = 200

// serve runs the bridge until it is told to stop.
func serve(ctx context.Context, cfg daemon.Config, out, errs io.Writer) int {
	if os.Getenv("GOGC") == "" { // the operator knows better
		debug.SetGCPercent(gcPercent)
	}
	if err := daemon.Run(ctx, cfg, daemon.Options{Version: version, Log: out}); err != nil {
		fmt.Fprintf(errs, "agenbridge: %v\n", err)
		return exitBad
	}
	return exitGood
}

// check prints what is right and what is wrong.
func check(ctx context.Context, cfg daemon.Config, out, errs io.Writer) int {
	findings, err := daemon.Check(ctx, cfg, daemon.Options{Version: version})
	if err != nil {
		fmt.Fprintf(errs, "agenbridge: %v\n", err)
		return exitBad
	}
	status := exitGood
	for _, f := range findings {
		fmt.Fprintln(out, f)
		if !f.Good {
			status = exitBad
		}
	}
	return status
}
