package slackapp

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/bridge"
)

// React puts an emoji on a message, or on the root of the thread; that it is there already is success
// (https://docs.slack.dev/reference/methods/reactions.add). It may be repeated. The errors are Faults.
func (a *App) React(ctx context.Context, thread bridge.ThreadKey, ts, emoji string) error {
	at, err := placeOf(thread)
	if err != nil {
		return err
	}
	c := call{method: "reactions.add"}
	err = a.api().AddReactionContext(withCall(ctx, c), emoji, slack.NewRefToMessage(at.channel, first(ts, at.root)))
	if codeOf(err) == "already_reacted" {
		return nil
	}
	return c.settle(err)
}

// Unreact takes our emoji off a message; that it is not there is success
// (https://docs.slack.dev/reference/methods/reactions.remove). It may be repeated. The errors are Faults.
func (a *App) Unreact(ctx context.Context, thread bridge.ThreadKey, ts, emoji string) error {
	at, err := placeOf(thread)
	if err != nil {
		return err
	}
	c := call{method: "reactions.remove"}
	err = a.api().RemoveReactionContext(withCall(ctx, c), emoji, slack.NewRefToMessage(at.channel, first(ts, at.root)))
	if codeOf(err) == "no_reaction" {
		return nil
	}
	return c.settle(err)
}
