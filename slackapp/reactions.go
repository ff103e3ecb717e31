package slackapp

import (
	"cmp"
	"context"
	"slices"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// AddReaction adds an emoji to a message, or to the root of the thread if ts is empty
// (https://docs.slack.dev/reference/methods/reactions.add). It succeeds if the emoji is there already, so it may be
// repeated. The errors are Faults, ClassNotFound if the message doesn't exist.
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

// RemoveReaction removes our emoji from a message, or from the root of the thread if ts is empty
// (https://docs.slack.dev/reference/methods/reactions.remove). It succeeds if the emoji isn't there, so it may be repeated.
// The errors are Faults, ClassNotFound if the message doesn't exist.
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

// reactionFault classifies an error. If the message doesn't exist, no reaction will ever be shown on it.
func reactionFault(c webapi.Call, err error) error {
	err = c.Classify(err)
	if f := webapi.FaultOf(err); f != nil && f.Reason == "message_not_found" {
		return &bridge.Fault{Class: bridge.ClassNotFound, Remote: bridge.ToSlack, Reason: f.Reason, Err: f.Err}
	}
	return err
}

// OwnReactions returns the emoji on a message that we added. The errors are Faults, ClassNotFound if the message doesn't
// exist.
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
