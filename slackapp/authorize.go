package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Authorize is the second half of the gate: what only Slack can tell of the person and of the channel
// (https://docs.slack.dev/apis/slack-connect). The answers are kept for five minutes. It fails closed: its errors are
// Faults, and a message with one doesn't pass.
func (a *App) Authorize(ctx context.Context, m bridge.Message) (bridge.Refusal, error) {
	b, err := a.aliases.bodyOf(m)
	if err != nil {
		return "", err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return "", err
	}
	return a.vet(ctx, me, b.User, b.Channel, b.Direct)
}

func (a *App) vet(ctx context.Context, me self, user, channel string, direct bool) (bridge.Refusal, error) {
	refusal, err := a.vetPerson(ctx, me, user)
	if err != nil || refusal != bridge.Allowed {
		return refusal, err
	}
	if direct || a.gate.shared[channel] {
		return bridge.Allowed, nil // in a direct message there is nobody else
	}
	ch, err := a.dir.channels.of(ctx, channel)
	switch {
	case err != nil:
		return "", webapi.AsFault(err)
	case ch.shared:
		return bridge.RefusedShared, nil
	default:
		return bridge.Allowed, nil
	}
}

// vetPerson tells whether a person may use the bot anywhere.
func (a *App) vetPerson(ctx context.Context, me self, user string) (bridge.Refusal, error) {
	p, err := a.dir.people.of(ctx, user)
	if err != nil {
		return "", webapi.AsFault(err)
	}
	switch {
	case p.deleted || p.bot:
		return bridge.RefusedSilently, nil
	case me.foreign(p):
		if !a.gate.external {
			return bridge.RefusedExternal, nil
		}
	case p.guest && !a.gate.guests:
		return bridge.RefusedGuest, nil
	}
	if a.gate.open || a.gate.users[user] {
		return bridge.Allowed, nil
	}
	in, err := a.dir.inAnyGroup(ctx, a.gate.groups, user)
	switch {
	case err != nil:
		return "", webapi.AsFault(err)
	case !in:
		return bridge.RefusedPerson, nil
	default:
		return bridge.Allowed, nil
	}
}

// foreign reports whether a person belongs to another organisation. A sister workspace of our Enterprise is ours.
func (s self) foreign(p person) bool {
	if p.stranger {
		return true
	}
	return p.team != s.Team && (s.Enterprise == "" || p.enterprise != s.Enterprise)
}
