package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge/spelling"
	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

func commands() []command {
	return []command{
		{name: "serve", doc: "run the bridge; the default command", run: serve},
		{name: "check", doc: "try the configuration, the tokens and the scopes; changes nothing", run: check},
		{name: "health", doc: "ask the running bridge's /healthz", run: health},
		{name: "backup", args: "<file>", doc: "have the running bridge copy its store to a new file", run: backup},
		{name: "version", doc: "print the version and the platform", run: func(_ context.Context, in invocation) error { return printVersion(in.out) }},
		{name: "help", doc: "print the commands and the environment variables", run: help},
	}
}

// run runs the command that args names. args excludes the program's name.
func run(ctx context.Context, args []string) error {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return &usageError{fmt.Errorf("there is no command %q; %s", name, hint(name, all))}
	}
	if len(args) > 0 && all[i].args == "" {
		return &usageError{fmt.Errorf("%s takes no arguments; configure it by environment variables (see agenbridge help)", name)}
	}
	return all[i].run(ctx, invocation{args: args, environ: daemon.Environ(os.Environ()), out: os.Stdout})
}

// hint suggests the command that was probably meant, or the one that lists all
// commands.
func hint(name string, all []command) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.name
	}
	if meant, distance := spelling.Closest(strings.ToLower(name), names); distance <= 2 && distance < len(meant)/2 {
		return "did you mean agenbridge " + meant + "?"
	}
	return "agenbridge help lists the commands"
}

func help(_ context.Context, in invocation) error {
	_, err := io.WriteString(in.out, usage(commands()))
	return err
}

// gcPercent halves the number of garbage collections. The heap is only a few
// megabytes, and this saves a tenth of the processor time under load.
const gcPercent = 200

// serve runs the bridge until ctx ends.
func serve(ctx context.Context, in invocation) error {
	cfg, err := parse(in.environ)
	if err != nil {
		return err
	}
	if in.environ["GOGC"] == "" { // otherwise the operator has chosen
		debug.SetGCPercent(gcPercent)
	}
	return daemon.Run(ctx, cfg, daemon.Options{Version: thisBuild().String(), Log: in.out})
}

// check prints what is right and what is wrong with the configuration. It returns
// an error if anything is wrong.
func check(ctx context.Context, in invocation) error {
	cfg, err := parse(in.environ)
	if err != nil {
		return err
	}
	findings, err := daemon.Check(ctx, cfg, daemon.Options{Version: thisBuild().String()})
	if err != nil {
		return err
	}
	bad := false
	for _, f := range findings {
		fmt.Fprintln(in.out, f)
		bad = bad || f.Mark == daemon.MarkError
	}
	if bad {
		return errors.New("fix the lines marked ✗ and check again")
	}
	return nil
}

func parse(environ map[string]string) (daemon.Config, error) {
	cfg, err := daemon.Parse(environ)
	if err != nil {
		return cfg, configError(err)
	}
	return cfg, nil
}
