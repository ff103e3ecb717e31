package main

import (
	"context"
	"io"
)

// invocation is what a command is called with.
type invocation struct {
	// args are the arguments after the command's name.
	args []string
	// environ is the environment. Commands read this and not the environment of the
	// process.
	environ map[string]string
	out     io.Writer
}

// command is one command of the command line.
type command struct {
	// name is the word that selects it, args documents its arguments, empty for
	// none, and doc is its line of help.
	name, args, doc string
	run             func(ctx context.Context, in invocation) error
}
