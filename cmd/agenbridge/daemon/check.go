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

// Finding is one line of what Check found.
type Finding struct {
	// Good tells whether all is well with it.
	Good bool
	// What says what was found.
	What string
	// Do says what to do about it; empty when there is nothing to do.
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

// checkTime bounds Check.
const checkTime = 30 * time.Second

// Check tries what Run needs of the two remotes and changes nothing. It takes
// half a minute at most.
func Check(ctx context.Context, cfg Config, opts Options) ([]Finding, error) {
	d, err := newDaemon(cfg, opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	all := []Finding{{Good: true, What: "configuration"}}
	for _, hint := range cfg.Hints {
		all = append(all, Finding{Good: true, What: "note: " + hint.String()})
	}
	report := make(chan slackapp.Report, 1)
	go func() { report <- d.slack.Check(ctx) }()
	keys := make(map[*workspace]*Finding, len(d.workspaces))
	for _, w := range d.workspaces {
		keys[w] = new(Finding)
	}
	together(d.workspaces, func(w *workspace) { *keys[w] = w.check(ctx) })
	all = append(all, slackFindings(<-report)...)
	for _, w := range d.workspaces {
		all = append(all, *keys[w])
	}
	d.closeIdle()
	return all, nil
}

// slackFindings puts the report into words, in the order in which a person
// would set things right.
func slackFindings(r slackapp.Report) []Finding {
	var all []Finding
	bad := func(what, do string) { all = append(all, Finding{What: what, Do: do}) }
	good := func(what string) { all = append(all, Finding{Good: true, What: what}) }
	if r.Bot != nil {
		bad("bot token "+trouble(r.Bot), remedy(r.Bot, "set SLACK_BOT_TOKEN to the Bot User OAuth Token from OAuth & Permissions", "SLACK_API_URL"))
	} else {
		good(fmt.Sprintf("bot token: %s (%s) in workspace %s", r.Name, r.User, r.Team))
		var lacks []string
		for _, s := range r.Missing {
			if s.Optional {
				good("note: optional scope " + s.Name + " is not granted; it is for " + s.Reason)
			} else {
				lacks = append(lacks, s.Name)
			}
		}
		if len(lacks) > 0 {
			bad("scopes missing: "+strings.Join(lacks, ", "), "add them under OAuth & Permissions and install the app again")
		} else {
			good(fmt.Sprintf("scopes: all %d that are needed", needed()))
		}
		if r.Threads != nil && len(lacks) == 0 {
			bad("threads can't be read: "+trouble(r.Threads), remedy(r.Threads, "see whether the workspace's admins restrict the app", "SLACK_API_URL"))
		}
	}
	switch {
	case r.App != nil:
		bad("app token "+trouble(r.App), remedy(r.App, "set SLACK_APP_TOKEN to an app-level token of the same app with connections:write, and turn Socket Mode on", "SLACK_API_URL"))
	case r.Foreign > 0:
		good("app token: a socket can be opened")
		good(fmt.Sprintf("note: the app has %d other sockets open; they are those of a running agenbridge, or somebody else uses SLACK_APP_TOKEN", r.Foreign))
	default:
		good("app token: a socket can be opened, and no other is open")
	}
	return all
}

func needed() int {
	n := 0
	for _, s := range slackapp.NeededScopes() {
		if !s.Optional {
			n++
		}
	}
	return n
}

// trouble puts a failure into a few words.
func trouble(err error) string {
	var f *bridge.Fault
	switch {
	case errors.As(err, &f) && f.Reason != "":
		return "refused (" + f.Reason + ")"
	case errors.Is(err, bridge.ClassUnauthorized):
		return "refused"
	default:
		return "not tried: " + err.Error()
	}
}

// remedy says what to do: about the credential where it was refused, else
// about the way there.
func remedy(err error, credential, address string) string {
	if errors.Is(err, bridge.ClassTemporary) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, agen.ClassTemporary) {
		return "see whether this machine can reach the host in " + address + " (HTTPS_PROXY is used), and try again"
	}
	if errors.Is(err, bridge.ClassRateLimited) || errors.Is(err, agen.ClassRateLimited) {
		return "wait a minute and try again"
	}
	return credential
}

// check tries the key.
func (w *workspace) check(ctx context.Context) Finding {
	key := "Agen key in " + w.variable
	if w.route != "" {
		key = "Agen key of route " + w.route + " in " + w.variable
	}
	_, err := w.client.ListSessions(ctx)
	switch {
	case err == nil:
		return Finding{Good: true, What: key}
	case errors.Is(err, agen.ClassUnauthorized), errors.Is(err, agen.ClassForbidden):
		return Finding{What: key + " refused: " + inFull(err), Do: "set it to a valid API key of the workspace"}
	default:
		return Finding{What: key + " not tried: " + inFull(err), Do: remedy(err, "see whether AGEN_API_URL is right", "AGEN_API_URL")}
	}
}

// inFull is an error of Agen with Agen's own words, which errors leave out for
// they may repeat what people said. Nothing that was said is sent here.
func inFull(err error) string {
	var e *agen.Error
	if errors.As(err, &e) && e.Message != "" && !strings.Contains(err.Error(), e.Message) {
		return err.Error() + ": " + e.Message
	}
	return err.Error()
}
