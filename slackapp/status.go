package slackapp

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/socketmode"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Status is the state of our side of Slack, for /readyz and for people.
type Status struct {
	// Team, Bot and Name say who we are; they are empty until Slack has said so.
	Team, Bot, Name string
	// BotTokenError and AppTokenError are Slack's error code for a token that it refuses ("invalid_auth"); empty when no
	// problem is known.
	BotTokenError, AppTokenError string
	// MissingScopes are the required scopes that the bot token doesn't have, as of when Slack was last asked who we are.
	MissingScopes []string
	// Status is the state of the Socket Mode connections.
	socketmode.Status
}

// health remembers what the responses of the Web API say about our tokens, and logs each change once.
type health struct {
	log *slog.Logger

	mu    sync.Mutex
	state Status // guarded by mu; without the state of the connections
	// logged has the methods and scopes whose absence is in the log already; guarded by mu.
	logged map[string]bool
}

func newHealth(log *slog.Logger) *health { return &health{log: log, logged: map[string]bool{}} }

func (h *health) status() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

func (h *health) setIdentity(me botIdentity) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.Team, h.state.Bot, h.state.Name = me.Team, me.User, me.Name
}

// noteCall takes what the outcome of a call says about its token.
func (h *health) noteCall(method string, fault *bridge.Fault) {
	reason := ""
	if fault != nil {
		if fault.Class == bridge.ClassRejected && strings.HasPrefix(fault.Reason, "missing_scope") {
			h.noteMissingScope(method, fault.Reason)
		}
		if fault.Class != bridge.ClassUnauthorized && (method != webapi.MethodOpen || fault.Class != bridge.ClassRejected) {
			return // it says nothing about the token
		}
		reason = fault.Reason
	}
	h.mu.Lock()
	problem, token := &h.state.BotTokenError, "SLACK_BOT_TOKEN"
	if method == webapi.MethodOpen {
		problem, token = &h.state.AppTokenError, "SLACK_APP_TOKEN"
	}
	before := *problem
	*problem = reason
	h.mu.Unlock()
	switch {
	case reason != "" && before == "":
		h.log.Error("slack refuses the token", slog.String("variable", token), slog.String("reason", reason))
	case reason == "" && before != "":
		h.log.Info("slack accepts the token again", slog.String("variable", token))
	}
}

// noteScopes takes the token's scopes from the header of a response.
func (h *health) noteScopes(header http.Header) {
	var missing []string
	for _, s := range missingScopes(scopesIn(header)) {
		if !s.Optional {
			missing = append(missing, s.Name)
		}
	}
	h.mu.Lock()
	before := h.state.MissingScopes
	h.state.MissingScopes = missing
	h.mu.Unlock()
	switch {
	case slices.Equal(missing, before):
	case len(missing) > 0:
		h.log.Error("the app lacks scopes: add them under OAuth & Permissions and install it again",
			slog.String("scopes", strings.Join(missing, ", ")))
	default:
		h.log.Info("the app has all required scopes again")
	}
}

// noteMissingScope logs once for each method that a scope is missing.
func (h *health) noteMissingScope(method, reason string) {
	h.mu.Lock()
	logged := h.logged[method+reason]
	h.logged[method+reason] = true
	h.mu.Unlock()
	if !logged {
		h.log.Error("the app lacks a scope", slog.String("method", method), slog.String("reason", reason))
	}
}
