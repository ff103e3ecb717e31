package daemon

import (
	"fmt"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/relay"
)

// Readiness is the response of /readyz. All fields except Red are set also while
// nothing is wrong.
type Readiness struct {
	// Ready is true when nothing is red.
	Ready bool `json:"ready"`
	// Red says what is wrong, by part: "store", "scrub", "sockets", "slack_auth",
	// "agen_auth", "slack", "agen", "relay", "credentials".
	Red map[string]string `json:"red,omitempty"`
	// Sockets are the Socket Mode connections.
	Sockets SocketCounts `json:"sockets"`
	// Waiting describes what is not delivered, by remote; empty until the store is
	// open.
	Waiting map[bridge.Remote]Waiting `json:"waiting"`
	// SilentSince says since when each remote has not answered; null while it
	// answers.
	SilentSince map[bridge.Remote]*time.Time `json:"silent_since"`
}

// SocketCounts counts Socket Mode connections: ours that are open and that should be,
// and those that other processes have open with our app token.
type SocketCounts struct {
	Up      int `json:"up"`
	Wanted  int `json:"wanted"`
	Foreign int `json:"foreign"`
}

// Waiting counts the messages or posts that are not delivered, whatever their due time,
// and tells how old the oldest of them is.
type Waiting struct {
	Undelivered   int     `json:"undelivered"`
	OldestSeconds float64 `json:"oldest_seconds"`
}

var bothRemotes = []bridge.Remote{bridge.ToAgen, bridge.ToSlack}

// readiness says what is red. Like liveness, it never waits for anything outside
// of the process.
func (d *daemon) readiness(now time.Time) Readiness {
	r := Readiness{
		Red: d.red(now), Sockets: d.sockets(),
		Waiting: map[bridge.Remote]Waiting{}, SilentSince: map[bridge.Remote]*time.Time{},
	}
	r.Ready = len(r.Red) == 0
	for _, remote := range bothRemotes {
		if s := d.store.Load(); s != nil {
			depth := s.Depth(remote)
			r.Waiting[remote] = Waiting{depth.Undelivered, depth.Oldest.Round(time.Millisecond).Seconds()}
		}
		r.SilentSince[remote] = nil
		if since := d.silentSince(remote).Round(time.Millisecond).UTC(); !since.IsZero() {
			r.SilentSince[remote] = &since
		}
	}
	return r
}

func (d *daemon) sockets() SocketCounts {
	status := d.slack.Status()
	return SocketCounts{status.Up, d.cfg.SlackConnections, status.Other}
}

// red says what is wrong, by part.
func (d *daemon) red(now time.Time) map[string]string {
	red := map[string]string{}
	note := func(part, what string) {
		if what != "" {
			red[part] = what
		}
	}
	note("store", d.storeTrouble())
	note("scrub", d.scrubTrouble())
	note("sockets", d.socketTrouble(now))
	note("slack_auth", d.slackAuthTrouble())
	if keys := d.refusedKeys(); len(keys) > 0 {
		note("agen_auth", "Agen refuses "+strings.Join(keys, ", "))
	}
	note("slack", silenceTrouble("Slack", d.silentFor(bridge.ToSlack)))
	note("agen", silenceTrouble("Agen", d.silentFor(bridge.ToAgen)))
	note("relay", d.relayTrouble(now))
	note("credentials", d.credentialTrouble(now))
	return red
}

// silenceTrouble describes a remote that has been silent for too long. It returns
// an empty string if the remote hasn't been.
func silenceTrouble(remote string, silent time.Duration) string {
	if silent <= waitLimit {
		return ""
	}
	return fmt.Sprintf("calls to %s have failed for %v", remote, silent.Round(time.Second))
}

func (d *daemon) storeTrouble() string {
	s := d.store.Load()
	if s == nil {
		return "not open yet; the log says what it waits for"
	}
	if err := s.Health(); err != nil {
		return err.Error()
	}
	return ""
}

// scrubMax is how old the last complete scrub may be. Text leaves the store's file
// within a minute, and a backup may delay that by a few more minutes.
const scrubMax = 10 * time.Minute

func (d *daemon) scrubTrouble() string {
	if s := d.store.Load(); s != nil {
		return scrubLate(s.ScrubAge())
	}
	return ""
}

// scrubLate describes a store whose freed pages have not been overwritten for too
// long. It returns an empty string if they have been.
func scrubLate(age time.Duration) string {
	if age <= scrubMax {
		return ""
	}
	return fmt.Sprintf("freed pages of the store were last overwritten %s ago: its file may still hold the text of delivered messages", age.Round(time.Second))
}

func (d *daemon) socketTrouble(now time.Time) string {
	status := d.slack.Status()
	switch {
	case status.Up == 0 && status.AppTokenError == "" && status.RetryAt.Sub(now) > time.Second:
		return fmt.Sprintf("0 of %d are up; the next attempt is in %v", d.cfg.SlackConnections, status.RetryAt.Sub(now).Round(time.Second))
	case status.Up == 0:
		return fmt.Sprintf("0 of %d are up", d.cfg.SlackConnections)
	case !status.ReplacingSince.IsZero():
		return "they are open but delivered no events, and are being replaced"
	}
	return ""
}

func (d *daemon) slackAuthTrouble() string {
	status := d.slack.Status()
	switch {
	case status.BotTokenError != "" && status.AppTokenError != "":
		return "Slack refuses SLACK_BOT_TOKEN: " + status.BotTokenError + "; and SLACK_APP_TOKEN: " + status.AppTokenError
	case status.BotTokenError != "":
		return "Slack refuses SLACK_BOT_TOKEN: " + status.BotTokenError
	case status.AppTokenError != "":
		return "Slack refuses SLACK_APP_TOKEN: " + status.AppTokenError
	case len(status.MissingScopes) > 0:
		return "the app lacks scopes: " + strings.Join(status.MissingScopes, ", ")
	}
	return ""
}

// waitLimit is how long the process may wait for something outside of it before
// that is reported as red. It is longer than one step of the relay, and longer than
// one check of the credentials, whose calls to Slack and to Agen take askTimeout at
// most each.
const waitLimit = time.Minute

// relayTrouble names a remote whose workers have all been busy for a minute without
// one of them finishing, or for which the store has not handed out a lane for that
// long.
func (d *daemon) relayTrouble(now time.Time) string {
	var waits []string
	for remote, loop := range d.relayLoops() {
		waited := now.Sub(loop.Since)
		if waited <= waitLimit {
			continue
		}
		switch loop.Activity {
		case relay.LoopWaitsForWorker:
			waits = append(waits, fmt.Sprintf("all %d workers for %s have been busy for %v", d.cfg.Workers, remote, waited.Round(time.Second)))
		case relay.LoopWaitsForStore:
			waits = append(waits, fmt.Sprintf("the store has been reading a thread for %s for %v", remote, waited.Round(time.Second)))
		case relay.LoopTurns: // see stuckLoop
		}
	}
	return strings.Join(waits, "; ")
}

func (d *daemon) credentialTrouble(now time.Time) string {
	if since := d.credentials.checkingSince.Load(); since != nil && now.Sub(*since) > waitLimit {
		return fmt.Sprintf("a check of the credentials has been running for %v", now.Sub(*since).Round(time.Second))
	}
	return ""
}

// stuckAfter is how long one iteration of a loop of the relay may take. A loop
// starts an iteration every 20 s at least.
const stuckAfter = 2 * time.Minute

// stuckLoop names a loop of the relay that has been busy with its own work for so
// long that only a bug, such as a deadlock, can be the cause. It returns an empty
// string if there is none. A loop that waits for the disk, Slack or Agen is not
// stuck: a restart would not help.
func (d *daemon) stuckLoop(now time.Time) string {
	for remote, loop := range d.relayLoops() {
		if loop.Activity == relay.LoopTurns && now.Sub(loop.Since) > stuckAfter {
			return "the relay's loop for " + string(remote)
		}
	}
	return ""
}

// relayLoops iterates over the running loops. There are none until the store is
// open.
func (d *daemon) relayLoops() func(yield func(bridge.Remote, relay.LoopState) bool) {
	return func(yield func(bridge.Remote, relay.LoopState) bool) {
		relay := d.relay.Load()
		if relay == nil {
			return
		}
		for _, remote := range bothRemotes {
			if state := relay.Loop(remote); !state.Since.IsZero() && !yield(remote, state) {
				return
			}
		}
	}
}
