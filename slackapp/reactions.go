package slackapp

import (
	"cmp"
	"context"
	"slices"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// AddReaction puts an emoji on a message, or on the root of the thread; that it is there already is success
// (https://docs.slack.dev/reference/methods/reactions.add). It may be repeated. The errors are Faults, Missing when the
// message is not there.
func (a *App) AddReaction(ctx context.Context, thread bridge.ThreadKey, ts, emoji string) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	c := webapi.Call{Method: "reactions.add"}
	err = a.slackGo().AddReactionContext(webapi.WithCall(ctx, c), emoji, slack.NewRefToMessage(at.channel, cmp.Or(ts, at.root)))
	if webapi.ErrorCode(err) == "already_reacted" {
		return nil
	}
	return reactionFault(c, err)
}

// RemoveReaction takes our emoji off a message; that it is not there is success
// (https://docs.slack.dev/reference/methods/reactions.remove). It may be repeated. The errors are Faults, Missing when the
// message is not there.
func (a *App) RemoveReaction(ctx context.Context, thread bridge.ThreadKey, ts, emoji string) error {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return err
	}
	c := webapi.Call{Method: "reactions.remove"}
	err = a.slackGo().RemoveReactionContext(webapi.WithCall(ctx, c), emoji, slack.NewRefToMessage(at.channel, cmp.Or(ts, at.root)))
	if webapi.ErrorCode(err) == "no_reaction" {
		return nil
	}
	return reactionFault(c, err)
}

// reacted makes a Fault of what came of a reaction: on a message that is not there nothing will ever be shown.
func reactionFault(c webapi.Call, err error) error {
	err = c.Classify(err)
	if f := webapi.FaultOf(err); f != nil && f.Reason == "message_not_found" {
		return &bridge.Fault{Class: bridge.ClassNotFound, Reason: f.Reason, Err: f.Err}
	}
	return err
}

// OwnReactions returns the emoji on a message that are ours. The errors are Faults, Missing when it is not there.
func (a *App) OwnReactions(ctx context.Context, thread bridge.ThreadKey, ts string) ([]string, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return nil, err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return nil, err
	}
	msg, err := a.readMessage(ctx, at, ts)
	if err != nil {
		return nil, err
	}
	var ours []string
	for _, r := range msg.Reactions {
		if slices.Contains(r.Users, me.User) {
			ours = append(ours, r.Name)
		}
	}
	return ours, nil
}
