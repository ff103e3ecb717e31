package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit statuses.
const (
	exitGood        = 0
	exitBad         = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// longest limits the whole run, and leaves time for a busy machine.
const longest = 90 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program except for what depends on the process.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 2 && args[0] == daemonWord {
		return serve(ctx, args[1], in, out, errs)
	}
	flags := flag.NewFlagSet("agendemo", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprint(errs, "agendemo serves a page that looks like Slack, over the real bridge, a test Slack and a\n"+
			"test Agen: talk to the agent, and let things go wrong. With -play it plays a conversation\n"+
			"on the terminal instead, and checks that nothing is lost or doubled.\n"+
			"It needs no accounts and no configuration, and listens on this machine only.\n\n")
		flags.PrintDefaults()
	}
	scripted := flags.Bool("play", false, "play a conversation on the terminal instead, and check the promises")
	addr := flags.String("addr", "", "where to serve the page; "+usualAddr+" or any free port unless set")
	verbose := flags.Bool("v", false, "show the bridge's log as well, on standard error")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitGood
	case err != nil:
		return exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(errs, "agendemo takes flags alone, and got %q\n", flags.Arg(0))
		return exitUsage
	}
	log := &logbook{}
	if *verbose {
		log.also = errs
	}
	if *scripted {
		return show(ctx, out, errs, log)
	}
	return open(ctx, *addr, out, errs, log)
}

// show plays the conversation and reports how it ended.
func show(ctx context.Context, out, errs io.Writer, log *logbook) int {
	limited, cancel := context.WithTimeoutCause(ctx, longest, errTooLong)
	defer cancel()
	started := time.Now()
	err := play(limited, &page{w: out}, log)
	switch {
	case err == nil:
		fmt.Fprintf(out, "\nEvery promise held. It took %.1f s.\n", time.Since(started).Seconds())
		return exitGood
	case ctx.Err() != nil:
		fmt.Fprintln(errs, "agendemo: interrupted")
		return exitInterrupted
	default:
		fmt.Fprintf(errs, "\nThe bridge's log ends with:\n%s\nagendemo: FAILED: %v\n", log.end(), err)
		return exitBad
	}
}

var errTooLong = errors.New("it took longer than " + longest.String())
