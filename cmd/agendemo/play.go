package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/cmd/agendemo/playground"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// usualAddr is the default address of the page. If it is in use, the page is served on any free port.
const usualAddr = "127.0.0.1:8322"

var errOutside = errors.New("the page is for this machine alone: -addr takes 127.0.0.1, [::1] or localhost with a port")

// listen opens the page's address, which must be on the loopback interface: whoever reaches the page can act as
// anybody.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	wanted := addr
	if addr == "" {
		wanted = usualAddr
	}
	host, port, err := net.SplitHostPort(wanted)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errOutside, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, errOutside
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if addr == "" && errors.Is(err, syscall.EADDRINUSE) {
		l, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, fmt.Errorf("listen for the page: %w", err)
	}
	return l, nil
}

// open serves the playground until ctx ends, and reports how it ended.
func open(ctx context.Context, addr string, out, errs io.Writer, log *logbook) int {
	l, err := listen(ctx, addr)
	if err != nil {
		fmt.Fprintf(errs, "agendemo: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(out, "The playground is at http://%s\nIt ends with Ctrl-C, and leaves nothing behind.\n", l.Addr())
	if err := host(ctx, l, log); err != nil {
		fmt.Fprintf(errs, "\nThe bridge's log ends with:\n%s\nagendemo: FAILED: %v\n", log.end(), err)
		return exitBad
	}
	return exitGood
}

// host starts the two servers and runs the playground between them. It closes l.
func host(ctx context.Context, l net.Listener, log *logbook) (err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer l.Close()
	dir, err := os.MkdirTemp("", "agendemo-")
	if err != nil {
		return fmt.Errorf("make a folder for the bridge's file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	slack, server := slacktest.New(playground.SlackConfig()), agentest.New(playground.AgenConfig())
	defer slack.Close()
	defer func() { err = errors.Join(err, server.Close()) }()
	api, err := serveSlack(ctx, slack, fail)
	if err != nil {
		return err
	}
	agenSwitch := &agenSwitch{server: server, address: "127.0.0.1:0", broken: fail}
	if err := agenSwitch.Open(ctx); err != nil {
		return err
	}
	defer agenSwitch.Close()
	env := append(
		environment(slack.Config(), api, agenSwitch.address, filepath.Join(dir, "agenbridge.db")),
		"AGEN_SESSION_URL="+playground.SessionURL, "LIMIT_SESSIONS_PER_USER=0",
	)
	p, err := playground.New(playground.Config{
		Slack: slack, Agen: server, AgenSwitch: agenSwitch,
		// The bridge outlives ctx for as long as Stop takes.
		Start: func(died func(error)) (playground.Process, error) {
			return startProcess(context.WithoutCancel(ctx), env, 0, log, died)
		},
	})
	if err != nil {
		return fmt.Errorf("make the playground: %w", err)
	}
	return p.Run(ctx, l)
}
