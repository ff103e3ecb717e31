package slackapp

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Status is how our side of Slack stands, for /readyz and for people.
type Status struct {
	// Team, Bot and Name tell who we are; empty as long as Slack hasn't said.
	Team, Bot, Name string
	// BotTrouble and AppTrouble name what is wrong with a token, in Slack's word ("invalid_auth"); empty when
	// nothing is known to be.
	BotTrouble, AppTrouble string
	// Lacks are the scopes that the bot token needs and doesn't have, optional ones not among them, as of when Slack
	// was last asked who we are.
	Lacks []string
	// Up of Wanted sockets are open.
	Up, Wanted int
	// DeafSince is since when the sockets are being replaced, because a message came by none of them; zero when they
	// are not.
	DeafSince time.Time
	// Foreign is how many sockets of our app others have open, as of the latest hello; ForeignSince is when there
	// was none for the last time.
	Foreign      int
	ForeignSince time.Time
}

// Status tells how our side of Slack stands.
func (a *App) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status
}

func (a *App) setSelf(me self) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Team, a.status.Bot, a.status.Name = me.Team, me.User, me.Name
}

// socketChanged counts a socket up or down.
func (a *App) socketChanged(by int) {
	a.mu.Lock()
	a.status.Up += by
	up := a.status.Up
	a.mu.Unlock()
	a.obs.Sockets(up)
	a.sweeps.Load().sockets(up)
}

// connectionChanged counts the connections that are open: while a socket changes from one to the next, it has both.
func (a *App) connectionChanged(by int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.connections += by
}

// noteHello takes Slack's count of our app's connections.
func (a *App) noteHello(connections int) {
	a.mu.Lock()
	foreign := max(0, connections-a.connections)
	if foreign > 0 && a.status.Foreign == 0 {
		a.status.ForeignSince = time.Now()
	}
	a.status.Foreign = foreign
	a.mu.Unlock()
	a.obs.Foreign(foreign)
}

// noteOutcome takes what a call says of its token, and tells the log once of each change.
func (a *App) noteOutcome(method string, fault *bridge.Fault) {
	reason := ""
	if fault != nil {
		if fault.Class == bridge.ClassRejected && strings.HasPrefix(fault.Reason, "missing_scope") {
			a.noteScope(method, fault.Reason)
		}
		if fault.Class != bridge.ClassUnauthorized && (method != methodOpen || fault.Class != bridge.ClassRejected) {
			return // says nothing of the token
		}
		reason = fault.Reason
	}
	a.mu.Lock()
	trouble, token := &a.status.BotTrouble, "SLACK_BOT_TOKEN"
	if method == methodOpen {
		trouble, token = &a.status.AppTrouble, "SLACK_APP_TOKEN"
	}
	before := *trouble
	*trouble = reason
	a.mu.Unlock()
	switch {
	case reason != "" && before == "":
		a.log.Error("slack refuses the token", slog.String("token", token), slog.String("err", reason))
	case reason == "" && before != "":
		a.log.Info("slack takes the token again", slog.String("token", token))
	}
}

// noteScopes takes the token's scopes, and tells the log of each change in what is missing.
func (a *App) noteScopes(head http.Header) {
	var lacks []string
	for _, s := range missingScopes(scopesIn(head)) {
		if !s.Optional {
			lacks = append(lacks, s.Name)
		}
	}
	a.mu.Lock()
	before := a.status.Lacks
	a.status.Lacks = lacks
	a.mu.Unlock()
	switch {
	case slices.Equal(lacks, before):
	case len(lacks) > 0:
		a.log.Error("the app lacks scopes: add them under OAuth & Permissions and install it again",
			slog.String("scopes", strings.Join(lacks, ", ")))
	default:
		a.log.Info("the app has all scopes now")
	}
}

// noteScope tells the log once that a scope is missing.
func (a *App) noteScope(method, reason string) {
	a.mu.Lock()
	known := a.scopes[method+reason]
	a.scopes[method+reason] = true
	a.mu.Unlock()
	if !known {
		a.log.Error("the app lacks a scope", slog.String("method", method), slog.String("err", reason))
	}
}
