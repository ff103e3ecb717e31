package slackapp

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/socketmode"
)

// intake takes the envelopes that the sockets bring, hands what is in them to the inlet, and acknowledges them when it is
// stored. Each Run has one.
type intake struct {
	app    *App
	inlet  Inlet
	parser eventParser
	events keyedQueue
	clicks keyedQueue
}

// handle takes an envelope. It never blocks: whatever has to wait runs in a queue.
func (in *intake) handle(ctx context.Context, env socketmode.Envelope) {
	switch env.Type {
	case "events_api":
		in.handleEvent(ctx, env)
	case "interactive":
		in.handleClick(ctx, env)
	default: // slash commands and unknown types have no use here, so Slack need not deliver them again
		in.app.obs.Count(CounterEvent, IgnoredType)
		env.Ack()
	}
}

func (in *intake) handleEvent(ctx context.Context, env socketmode.Envelope) {
	var e parsedEvent
	if !in.app.recoverEvent(CounterEvent, func() { e = in.parser.parseEvent(env.Payload) }) {
		return
	}
	if e.ignored != "" {
		in.app.obs.Count(CounterEvent, e.ignored)
		env.Ack()
		return
	}
	env.Payload = nil // not needed any more
	size := 0
	if e.message != nil {
		size = len(e.message.Body)
	}
	if !in.events.add(string(in.app.aliases.currentKey(bridge.ThreadKey(e.orderKey()))), size, func() {
		in.app.recoverEvent(CounterEvent, func() { in.accept(ctx, e, env.Ack) })
	}) {
		in.app.obs.Count(CounterEvent, OutcomeOverflow)
		in.app.backlog.Load().dropped()
	}
}

// accept hands an event to the inlet and acknowledges it when it is stored.
func (in *intake) accept(ctx context.Context, e parsedEvent, ack func()) {
	if ctx.Err() != nil {
		in.app.obs.Count(CounterEvent, OutcomeStopped)
		return
	}
	if e.channel != nil {
		v, err := in.acceptChannelEvent(ctx, *e.channel)
		in.finish(ctx, CounterEvent, v, err, ack)
		return
	}
	backlog := in.app.backlog.Load()
	var v bridge.Result
	err := in.file(ctx, &e)
	if err == nil {
		backlog.await(ctx, e.thread())
		v, err = in.acceptMessage(ctx, e)
	}
	if err == nil && v.Ignored != bridge.IgnoredNotOurs {
		backlog.noteUse(e.thread())
	}
	in.finish(ctx, CounterEvent, v, err, ack)
}

// file sets the key under which the thread of a message or deletion is stored.
func (in *intake) file(ctx context.Context, e *parsedEvent) (err error) {
	if e.deletion != nil {
		e.deletion.Thread, err = in.app.aliases.storedKey(ctx, e.deletion.Thread)
	} else {
		e.message.Thread, err = in.app.aliases.storedKey(ctx, e.message.Thread)
	}
	return err
}

// acceptMessage hands a message or deletion to the inlet. It also shows that we are in the channel.
func (in *intake) acceptMessage(ctx context.Context, e parsedEvent) (bridge.Result, error) {
	if e.deletion != nil {
		return in.inlet.AcceptDeletion(ctx, *e.deletion)
	}
	if _, err := in.app.channelJoined(ctx, in.inlet, e.message.Thread.Channel()); err != nil {
		return bridge.Result{}, err
	}
	return in.inlet.AcceptMessage(ctx, *e.message)
}

// finish counts the outcome, and acknowledges the envelope unless it failed.
func (in *intake) finish(ctx context.Context, what Counter, v bridge.Result, err error, ack func()) {
	switch {
	case err != nil && ctx.Err() != nil:
		in.app.obs.Count(what, OutcomeStopped)
		return
	case err != nil:
		in.app.obs.Count(what, OutcomeFailed)
		in.app.backlog.Load().dropped()
		in.app.log.Error("an event could not be stored: it is not acknowledged, so slack delivers it again",
			slog.String("kind", string(what)), slog.Any("err", err))
		return
	case v.New:
		in.app.obs.Count(what, OutcomeAccepted)
	default:
		in.app.obs.Count(what, cmp.Or(v.Ignored, "known"))
	}
	ack()
}

// authorizeTimeout limits the look-ups for a click. Slack shows the person a warning after three seconds
// (https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response).
const authorizeTimeout = 2 * time.Second

func (in *intake) handleClick(ctx context.Context, env socketmode.Envelope) {
	var c buttonClick
	var reason string
	if !in.app.recoverEvent(CounterClick, func() { c, reason = in.parser.parseClick(env.Payload) }) {
		return
	}
	if reason != "" {
		in.app.obs.Count(CounterClick, reason)
		env.Ack()
		return
	}
	if !in.clicks.add(string(in.app.aliases.currentKey(c.click.Thread)), len(env.Payload), func() {
		in.app.recoverEvent(CounterClick, func() { in.acceptClick(ctx, c, env.Ack) })
	}) {
		in.app.obs.Count(CounterClick, OutcomeOverflow)
	}
}

// acceptClick hands a click to the inlet, with the decision of the gate. If the gate can't decide in time, the click is not
// acknowledged, so that the person sees that it had no effect.
func (in *intake) acceptClick(ctx context.Context, c buttonClick, ack func()) {
	if c.click.Refused == bridge.Allowed {
		lookups, cancel := context.WithTimeout(ctx, authorizeTimeout)
		defer cancel()
		var err error
		if c.click.Refused, err = in.app.authorize(lookups, in.parser.identity, c.click.By, c.at.channel, c.at.direct()); err != nil {
			in.app.obs.Count(CounterClick, OutcomeUndecided)
			in.app.log.Warn("click not accepted: slack did not say in time whether the person may use the bot",
				slog.String("thread", string(c.click.Thread)), slog.Any("err", err))
			return
		}
	}
	var v bridge.Result
	var err error
	if c.click.Thread, err = in.app.aliases.storedKey(ctx, c.click.Thread); err == nil {
		v, err = in.inlet.AcceptClick(ctx, c.click)
	}
	if err == nil && c.click.Refused != bridge.Allowed {
		v = bridge.Result{Ignored: string(c.click.Refused)} // so that the refusal is counted
	}
	in.finish(ctx, CounterClick, v, err, ack)
}

// acceptChannelEvent hands an event about a channel to the inlet.
func (in *intake) acceptChannelEvent(ctx context.Context, e channelEvent) (bridge.Result, error) {
	switch {
	case e.renamedTo != "":
		return in.acceptRename(ctx, e.channel, e.renamedTo)
	case e.unarchived:
		return in.acceptUnarchived(ctx, e.channel)
	case e.joined:
		v, err := in.app.channelJoined(ctx, in.inlet, e.channel)
		if err == nil && e.botJoin != nil {
			v, err = in.inlet.BotJoined(ctx, *e.botJoin)
		}
		return v, err
	default:
		return in.app.channelLeft(ctx, in.inlet, e.channel)
	}
}

// acceptUnarchived has a channel's threads continue. Where no event said that it was archived they never paused, and what
// Slack refused meanwhile waits for exactly this: so they are paused first.
func (in *intake) acceptUnarchived(ctx context.Context, channel bridge.ChannelKey) (bridge.Result, error) {
	if _, err := in.app.forEachKey(ctx, channel, in.inlet.ChannelLeft); err != nil {
		return bridge.Result{}, err
	}
	return in.app.channelJoined(ctx, in.inlet, channel)
}

// acceptRename stores that a channel has a new id. Work that paused because Slack refused calls with the old id continues.
func (in *intake) acceptRename(ctx context.Context, from, to bridge.ChannelKey) (bridge.Result, error) {
	renamed, err := in.app.aliases.RenameChannel(ctx, from, to)
	if err != nil {
		return bridge.Result{}, err
	}
	if _, err := in.app.channelJoined(ctx, in.inlet, to); err != nil {
		return bridge.Result{}, err
	}
	in.app.backlog.Load().channelRenamed(to)
	if !renamed {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, nil
	}
	in.app.log.Warn("a channel has a new id: replace the old one in the configuration",
		slog.String("old", string(from)), slog.String("new", string(to)))
	return bridge.Result{New: true}, nil
}
