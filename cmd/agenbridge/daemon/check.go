package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp"
)

// Finding is one result of Check.
type Finding struct {
	// Good is false if there is something to fix.
	Good bool
	// What says what was found.
	What string
	// Do says how to fix it; empty if there is nothing to fix.
	Do string
}

// String returns one line that begins with ✓ or ✗.
func (f Finding) String() string {
	mark := "✗ "
	if f.Good {
		mark = "✓ "
	}
	if f.Do != "" {
		return mark + f.What + ": " + f.Do
	}
	return mark + f.What
}

// checkTimeout bounds Check.
const checkTimeout = 30 * time.Second

// Check tries the credentials and scopes that Run needs, and changes nothing. It
// takes 30 s at most.
func Check(ctx context.Context, cfg Config, opts Options) ([]Finding, error) {
	d, err := newDaemon(cfg, opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	all := []Finding{{Good: true, What: "configuration"}}
	for _, s := range cfg.Suggestions {
		all = append(all, Finding{Good: true, What: "note: " + s.String()})
	}
	report := make(chan slackapp.Report, 1)
	go func() { report <- d.slack.Check(ctx) }()
	keys := make(map[*workspace]*Finding, len(d.workspaces))
	for _, w := range d.workspaces {
		keys[w] = new(Finding)
	}
	forAll(d.workspaces, func(w *workspace) { *keys[w] = keyFinding(ctx, w) })
	all = append(all, slackFindings(<-report)...)
	for _, w := range d.workspaces {
		all = append(all, *keys[w])
	}
	d.closeIdleConnections()
	return all, nil
}

// slackFindings puts the report into words, in the order in which a person would
// fix things.
func slackFindings(r slackapp.Report) []Finding {
	var all []Finding
	bad := func(what, do string) { all = append(all, Finding{What: what, Do: do}) }
	good := func(what string) { all = append(all, Finding{Good: true, What: what}) }
	if r.Bot != nil {
		bad("bot token "+reason(r.Bot), remedy(r.Bot, "set SLACK_BOT_TOKEN to the Bot User OAuth Token from OAuth & Permissions", "SLACK_API_URL"))
	} else {
		good(fmt.Sprintf("bot token: %s (%s) in workspace %s", r.Name, r.User, r.Team))
		var lacks []string
		for _, s := range r.Missing {
			if s.Optional {
				good("note: optional scope " + s.Name + " is not granted; it is used for " + s.Reason)
			} else {
				lacks = append(lacks, s.Name)
			}
		}
		if len(lacks) > 0 {
			bad("scopes missing: "+strings.Join(lacks, ", "), "add them under OAuth & Permissions and install the app again")
		} else {
			good(fmt.Sprintf("scopes: all %d required ones are granted", requiredScopes()))
		}
		if r.Threads != nil && len(lacks) == 0 {
			bad("threads can't be read: "+reason(r.Threads), remedy(r.Threads, "check whether the workspace's admins restrict the app", "SLACK_API_URL"))
		}
	}
	switch {
	case r.App != nil:
		bad("app token "+reason(r.App), remedy(r.App, "set SLACK_APP_TOKEN to an app-level token of the same app with connections:write, and turn Socket Mode on", "SLACK_API_URL"))
	case r.Foreign > 0:
		good("app token: a socket can be opened")
		good(fmt.Sprintf("note: the app has %d other sockets open: a running agenbridge, or somebody else who uses SLACK_APP_TOKEN", r.Foreign))
	default:
		good("app token: a socket can be opened, and no other is open")
	}
	return all
}

func requiredScopes() int {
	n := 0
	for _, s := range slackapp.NeededScopes() {
		if !s.Optional {
			n++
		}
	}
	return n
}

// reason says in a few words why a credential could not be used.
func reason(err error) string {
	var f *bridge.Fault
	switch {
	case errors.As(err, &f) && f.Reason != "":
		return "refused (" + f.Reason + ")"
	case errors.Is(err, bridge.ClassUnauthorized):
		return "refused"
	default:
		return "could not be checked: " + err.Error()
	}
}

// remedy says what to do: fix the credential if it was refused, otherwise check
// the connection to the host in the variable address.
func remedy(err error, credential, address string) string {
	if errors.Is(err, bridge.ClassTemporary) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, agen.ClassTemporary) {
		return "check whether this machine can reach the host in " + address + " (HTTPS_PROXY is used), and try again"
	}
	if errors.Is(err, bridge.ClassRateLimited) || errors.Is(err, agen.ClassRateLimited) {
		return "wait a minute and try again"
	}
	return credential
}

// keyFinding tries the key of a workspace.
func keyFinding(ctx context.Context, w *workspace) Finding {
	key := "Agen key in " + w.variable
	if w.route != "" {
		key = "Agen key of route " + w.route + " in " + w.variable
	}
	_, err := w.client.ListSessions(ctx)
	switch {
	case err == nil:
		return Finding{Good: true, What: key}
	case errors.Is(err, agen.ClassUnauthorized), errors.Is(err, agen.ClassForbidden):
		return Finding{What: key + " refused: " + withServerMessage(err), Do: "set it to a valid API key of the workspace"}
	default:
		return Finding{What: key + " could not be checked: " + withServerMessage(err), Do: remedy(err, "check AGEN_API_URL", "AGEN_API_URL")}
	}
}

// withServerMessage returns the text of an error with the message of Agen's
// server. Error leaves that message out, because it may quote what people said;
// the calls of Check contain nothing of the kind.
func withServerMessage(err error) string {
	var e *agen.Error
	if errors.As(err, &e) && e.Message != "" && !strings.Contains(err.Error(), e.Message) {
		return err.Error() + ": " + e.Message
	}
	return err.Error()
}
