package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/slackapp"
)

// checkTimeout bounds Check.
const checkTimeout = 30 * time.Second

// Check tries the credentials and scopes that Run needs, looks up the ids in the
// configuration, and changes nothing. It takes 30 s at most.
func Check(ctx context.Context, cfg Config, opts Options) ([]Finding, error) {
	d, err := newDaemon(cfg, opts)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	all := cfg.findings()
	inSlack := make(chan findings, 1)
	go func() {
		report := d.slack.Check(ctx)
		found := slackFindings(report)
		if report.Bot == nil {
			found = append(found, d.idFindings(ctx, report)...)
		}
		inSlack <- found
	}()
	keys := make(map[*workspace]*Finding, len(d.workspaces))
	for _, w := range d.workspaces {
		keys[w] = new(Finding)
	}
	forAll(d.workspaces, func(w *workspace) { *keys[w] = keyFinding(ctx, w) })
	all = append(all, <-inSlack...)
	for _, w := range d.workspaces {
		all = append(all, *keys[w])
	}
	d.closeIdleConnections()
	return all, nil
}

// findings returns what can be said about the configuration without calling a
// remote.
func (c Config) findings() (all findings) {
	all.ok("configuration")
	for _, s := range c.Suggestions {
		all.warn(s.Name+" is not a variable of agenbridge", "did you mean "+s.Meant+"?")
	}
	if c.Contact == "" {
		all.warn("CONTACT is not set", "set it, so that notes about refusals and failures say whom to ask")
	}
	if c.AgenSessionURL == "" {
		all.warn("AGEN_SESSION_URL is not set", "set it, so that the card links to the session in Agen")
	}
	for _, name := range c.routeNames() {
		if c.Routes[name].AgenSessionURL == "" {
			all.warn(routePrefix+name+"_AGEN_SESSION_URL is not set", "set it, so that the card links to the session in Agen")
		}
	}
	return all
}

// slackFindings turns the report of slackapp into findings.
func slackFindings(r slackapp.Report) (all findings) {
	if r.Bot != nil {
		all.bad("bot token "+reason(r.Bot), remedy(r.Bot, "set SLACK_BOT_TOKEN to the Bot User OAuth Token from OAuth & Permissions", "SLACK_API_URL"))
	} else {
		all.ok("bot token of %s (%s) in workspace %s", r.Name, r.User, r.Team)
		all = append(all, scopeFindings(r)...)
	}
	switch {
	case r.App != nil:
		all.bad("app token "+reason(r.App), remedy(r.App, "set SLACK_APP_TOKEN to an app-level token of the same app with connections:write, and turn Socket Mode on", "SLACK_API_URL"))
	case r.Foreign > 0:
		all.ok("app token, a socket can be opened")
		all.warn(fmt.Sprintf("the app has %d other sockets open", r.Foreign), "make sure that they are those of a running agenbridge, and that nobody else uses SLACK_APP_TOKEN")
	default:
		all.ok("app token, a socket can be opened, and no other is open")
	}
	return all
}

// scopeFindings returns the findings about the scopes of the bot token.
func scopeFindings(r slackapp.Report) (all findings) {
	var lacks []string
	for _, s := range r.Missing {
		if s.Optional {
			all.warn("the optional scope "+s.Name+" is not granted", "add it if you want "+s.Reason)
		} else {
			lacks = append(lacks, s.Name)
		}
	}
	if len(lacks) > 0 {
		all.bad("the scopes "+strings.Join(lacks, ", ")+" are missing", "add them under OAuth & Permissions and install the app again")
		return all
	}
	all.ok("scopes, all %d required ones are granted", requiredScopes())
	if r.Threads != nil {
		all.bad("reading threads "+reason(r.Threads), remedy(r.Threads, "check whether the workspace's admins restrict the app", "SLACK_API_URL"))
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

// idFindings resolves the ids in the configuration to names, and lists the channels
// that the bot is in.
func (d *daemon) idFindings(ctx context.Context, r slackapp.Report) (all findings) {
	in := map[string]bool{}
	for _, ch := range r.Channels {
		in[ch.ID] = true
	}
	for _, list := range d.cfg.idLists() {
		var names []string
		for _, one := range d.slack.Resolve(ctx, list.ids) {
			switch {
			case one.Err != nil:
				all.warn(list.variable+" has "+one.ID+", which could not be looked up ("+one.Err.Error()+")", "try again")
			case one.Name == "":
				all.warn(list.variable+" has "+one.ID+", which Slack doesn't know", list.whenUnknown())
			case list.channels && r.Threads == nil && !in[one.ID] && !strings.HasPrefix(one.ID, "D"):
				all.warn(fmt.Sprintf("%s has %s (%s), and the bot is not in that channel", list.variable, one.Name, one.ID), "invite it there")
			default:
				names = append(names, one.Name+" ("+one.ID+")")
			}
		}
		if len(names) > 0 {
			all.ok("%s is %s", list.variable, strings.Join(names, ", "))
		}
	}
	switch {
	case r.Threads != nil: // then the channels are not known
	case len(r.Channels) == 0:
		all.warn("the bot is in no channel", "invite it with /invite where it shall work")
	default:
		names := make([]string, len(r.Channels))
		for i, ch := range r.Channels {
			names[i] = ch.Name + " (" + ch.ID + ")"
		}
		slices.Sort(names)
		all.ok("the bot is in %d channels, %s", len(names), strings.Join(names, ", "))
	}
	return all
}

// idList is a variable whose value is a list of Slack ids.
type idList struct {
	variable string
	ids      []string
	channels bool
}

// whenUnknown says what to do about an id that Slack doesn't know.
func (l idList) whenUnknown() string {
	if l.channels {
		return "correct or remove it, or invite the bot if it is a private channel"
	}
	return "correct or remove it"
}

func (c Config) idLists() []idList {
	all := []idList{
		{"ALLOW_CHANNELS", c.AllowChannels, true},
		{"ALLOW_USERS", c.AllowUsers, false},
		{"ALLOW_SHARED_CHANNELS", c.AllowSharedChannels, true},
	}
	for _, name := range c.routeNames() {
		all = append(all, idList{routePrefix + name + "_CHANNELS", c.Routes[name].Channels, true})
	}
	return all
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
		return Finding{Mark: MarkOK, What: key}
	case errors.Is(err, agen.ClassUnauthorized), errors.Is(err, agen.ClassForbidden):
		return Finding{Mark: MarkError, What: key + " is refused (" + err.Error() + ")", Do: "set it to a valid API key of the workspace"}
	default:
		return Finding{Mark: MarkError, What: key + " could not be checked (" + err.Error() + ")", Do: remedy(err, "check AGEN_API_URL", "AGEN_API_URL")}
	}
}
