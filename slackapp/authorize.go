package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Authorize is the second half of deciding who may use the bot: what only Slack knows about the person and the channel
// (https://docs.slack.dev/apis/slack-connect). Answers are cached for five minutes. It fails closed: its errors are Faults,
// and a message with one doesn't pass.
func (a *App) Authorize(ctx context.Context, m bridge.Message) (bridge.Refusal, error) {
	b, err := a.aliases.decodeBody(m)
	if err != nil {
		return "", err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return "", err
	}
	return a.authorize(ctx, me, b.User, b.Channel, b.Direct)
}

func (a *App) authorize(ctx context.Context, me botIdentity, user, channel string, direct bool) (bridge.Refusal, error) {
	refusal, err := a.authorizePerson(ctx, me, user)
	if err != nil || refusal != bridge.Allowed {
		return refusal, err
	}
	if direct || a.gate.shared[channel] {
		return bridge.Allowed, nil // nobody else reads a direct message
	}
	ch, err := a.directory.channels.get(ctx, channel)
	switch {
	case err != nil:
		return "", webapi.AsFault(err)
	case ch.shared:
		return bridge.RefusedShared, nil
	default:
		return bridge.Allowed, nil
	}
}

// authorizePerson decides whether a person may use the bot in any channel.
func (a *App) authorizePerson(ctx context.Context, me botIdentity, user string) (bridge.Refusal, error) {
	p, err := a.directory.people.get(ctx, user)
	if err != nil {
		return "", webapi.AsFault(err)
	}
	switch {
	case p.deleted || p.bot:
		return bridge.RefusedSilently, nil
	case me.isExternal(p):
		if !a.gate.external {
			return bridge.RefusedExternal, nil
		}
	case p.guest && !a.gate.guests:
		return bridge.RefusedGuest, nil
	}
	if a.gate.everyone || a.gate.users[user] {
		return bridge.Allowed, nil
	}
	in, err := a.directory.inAnyGroup(ctx, a.gate.groups, user)
	switch {
	case err != nil:
		return "", webapi.AsFault(err)
	case !in:
		return bridge.RefusedPerson, nil
	default:
		return bridge.Allowed, nil
	}
}

// isExternal reports whether a person belongs to another organization. Other workspaces of our Enterprise organization are
// not external.
func (me botIdentity) isExternal(p person) bool {
	if p.external {
		return true
	}
	return p.team != me.Team && (me.Enterprise == "" || p.enterprise != me.Enterprise)
}
