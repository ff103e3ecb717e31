package daemon

import (
	"fmt"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Readiness is what /readyz answers.
type Readiness struct {
	// Ready is true when nothing is red.
	Ready bool `json:"ready"`
	// Red says what is wrong, by part: "store", "scrub", "sockets", "slack_auth",
	// "agen_auth".
	Red map[string]string `json:"red,omitempty"`
}

// ready says what is red.
func (d *daemon) ready() Readiness {
	red := map[string]string{}
	if s := d.store.Load(); s == nil {
		red["store"] = "not open yet; the log says what it waits for"
	} else if err := s.Health(); err != nil {
		red["store"] = err.Error()
	} else if late := scrubLate(s.ScrubAge()); late != "" {
		red["scrub"] = late
	}
	status := d.slack.Status()
	switch {
	case status.Up == 0:
		red["sockets"] = fmt.Sprintf("0 of %d are up", d.cfg.SlackConnections)
	case !status.ReplacingSince.IsZero():
		red["sockets"] = "they brought nothing of what was said, and are being replaced"
	}
	switch {
	case status.BotTokenError != "" && status.AppTokenError != "":
		red["slack_auth"] = "Slack refuses SLACK_BOT_TOKEN: " + status.BotTokenError + "; and SLACK_APP_TOKEN: " + status.AppTokenError
	case status.BotTokenError != "":
		red["slack_auth"] = "Slack refuses SLACK_BOT_TOKEN: " + status.BotTokenError
	case status.AppTokenError != "":
		red["slack_auth"] = "Slack refuses SLACK_APP_TOKEN: " + status.AppTokenError
	case len(status.MissingScopes) > 0:
		red["slack_auth"] = "the app lacks scopes: " + strings.Join(status.MissingScopes, ", ")
	}
	if keys := d.refusedKeys(); len(keys) > 0 {
		red["agen_auth"] = "Agen refuses " + strings.Join(keys, ", ")
	}
	if len(red) == 0 {
		return Readiness{Ready: true}
	}
	return Readiness{Red: red}
}

// scrubMax is how old the last complete scrub may be. Text leaves the store's file
// within a minute; a backup may hold that up for some more.
const scrubMax = 10 * time.Minute

// scrubLate says that the store's freed pages were not overwritten for too long;
// empty when they were.
func scrubLate(age time.Duration) string {
	if age <= scrubMax {
		return ""
	}
	return fmt.Sprintf("freed pages of the store were last overwritten %s ago: its file may still hold the text of delivered messages", age.Round(time.Second))
}

// stuckAfter is how long a loop may take to turn. The watch asks Slack and Agen
// between two turns that are a minute apart, for askTime each at most.
const stuckAfter = watchEvery + 2*askTime + 10*time.Second

// stuck names the loop that doesn't turn any more; empty when all do. While
// the store is being opened there are none.
func (d *daemon) stuck(now time.Time) string {
	relay := d.relay.Load()
	if relay == nil {
		return ""
	}
	for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
		if at := relay.LastTurn(remote); !at.IsZero() && now.Sub(at) > stuckAfter {
			return "the relay's loop for " + string(remote)
		}
	}
	if at := d.watch.turned.Load(); at != 0 && now.Sub(time.Unix(0, at)) > stuckAfter {
		return "the watch"
	}
	return ""
}
