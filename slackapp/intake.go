package slackapp

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/socketmode"
)

// intake carries what the sockets bring to the inlet. There is one for each Run.
type intake struct {
	app    *App
	inlet  Inlet
	parser eventParser
	events keyedQueue
	clicks keyedQueue
}

// handle accepts a parcel and never blocks: what has to wait for anything does so elsewhere.
func (in *intake) handle(ctx context.Context, p socketmode.Envelope) {
	switch p.Type {
	case "events_api":
		in.handleEvent(ctx, p)
	case "interactive":
		in.handleClick(ctx, p)
	default: // slash commands and whatever comes: nothing of ours, and once is enough
		in.app.obs.Count(CounterEvent, IgnoredType)
		p.Ack()
	}
}

func (in *intake) handleEvent(ctx context.Context, p socketmode.Envelope) {
	var h parsedEvent
	if !in.app.recoverEvent(CounterEvent, func() { h = in.parser.parseEvent(p.Payload) }) {
		return
	}
	if h.ignored != "" {
		in.app.obs.Count(CounterEvent, h.ignored)
		p.Ack()
		return
	}
	p.Payload = nil // the body holds what is needed of it
	size := 0
	if h.message != nil {
		size = len(h.message.Body)
	}
	if !in.events.add(string(in.app.aliases.currentKey(bridge.ThreadKey(h.orderKey()))), size, func() {
		in.app.recoverEvent(CounterEvent, func() { in.accept(ctx, h, p.Ack) })
	}) {
		in.app.obs.Count(CounterEvent, OutcomeOverflow)
		in.app.backlog.Load().dropped()
	}
}

// accept hands what was heard to the inlet, and acknowledges it when it is safe.
func (in *intake) accept(ctx context.Context, h parsedEvent, ack func()) {
	if ctx.Err() != nil {
		in.app.obs.Count(CounterEvent, OutcomeStopped)
		return
	}
	if h.channel != nil {
		v, err := in.acceptChannelEvent(ctx, *h.channel)
		in.finish(ctx, CounterEvent, v, err, ack)
		return
	}
	sweeps := in.app.backlog.Load()
	var v bridge.Result
	err := in.file(ctx, &h)
	if err == nil {
		sweeps.await(ctx, h.thread())
		v, err = in.acceptMessage(ctx, h)
	}
	if err == nil && v.Ignored != bridge.IgnoredNotOurs {
		sweeps.noteUse(h.thread())
	}
	in.finish(ctx, CounterEvent, v, err, ack)
}

// file gives what was said, or taken back, the key under which its thread is stored.
func (in *intake) file(ctx context.Context, h *parsedEvent) (err error) {
	if h.deletion != nil {
		h.deletion.Thread, err = in.app.aliases.storedKey(ctx, h.deletion.Thread)
	} else {
		h.message.Thread, err = in.app.aliases.storedKey(ctx, h.message.Thread)
	}
	return err
}

// acceptMessage hands over what was said, or taken back. Whoever hears something in a channel is in it.
func (in *intake) acceptMessage(ctx context.Context, h parsedEvent) (bridge.Result, error) {
	if h.deletion != nil {
		return in.inlet.AcceptDeletion(ctx, *h.deletion)
	}
	if _, err := in.app.channelJoined(ctx, in.inlet, h.message.Thread.Channel()); err != nil {
		return bridge.Result{}, err
	}
	return in.inlet.AcceptMessage(ctx, *h.message)
}

// finish counts what became of something, and acknowledges it unless it failed.
func (in *intake) finish(ctx context.Context, what Counter, v bridge.Result, err error, ack func()) {
	switch {
	case err != nil && ctx.Err() != nil:
		in.app.obs.Count(what, OutcomeStopped)
		return
	case err != nil:
		in.app.obs.Count(what, OutcomeFailed)
		in.app.backlog.Load().dropped()
		in.app.log.Error("what Slack sent was not stored, so it is not acknowledged and comes again",
			slog.String("kind", string(what)), slog.Any("err", err))
		return
	case v.New:
		in.app.obs.Count(what, OutcomeAccepted)
	default:
		in.app.obs.Count(what, cmp.Or(v.Ignored, "known"))
	}
	ack()
}

// authorizeTimeout bounds the look-ups for a click: Slack shows the person a warning after three seconds
// (https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response).
const authorizeTimeout = 2 * time.Second

func (in *intake) handleClick(ctx context.Context, p socketmode.Envelope) {
	var press buttonClick
	var reason string
	if !in.app.recoverEvent(CounterClick, func() { press, reason = in.parser.parseClick(p.Payload) }) {
		return
	}
	if reason != "" {
		in.app.obs.Count(CounterClick, reason)
		p.Ack()
		return
	}
	if !in.clicks.add(string(in.app.aliases.currentKey(press.click.Thread)), len(p.Payload), func() {
		in.app.recoverEvent(CounterClick, func() { in.acceptClick(ctx, press, p.Ack) })
	}) {
		in.app.obs.Count(CounterClick, OutcomeOverflow)
	}
}

// acceptClick hands a click to the inlet, with what the gate says of it. One of which nobody can say it in time isn't
// acknowledged, so that the person sees that nothing came of it.
func (in *intake) acceptClick(ctx context.Context, p buttonClick, ack func()) {
	if p.click.Refused == bridge.Allowed {
		vetting, cancel := context.WithTimeout(ctx, authorizeTimeout)
		defer cancel()
		var err error
		if p.click.Refused, err = in.app.authorize(vetting, in.parser.identity, p.click.By, p.at.channel, p.at.direct()); err != nil {
			in.app.obs.Count(CounterClick, OutcomeUndecided)
			in.app.log.Warn("click not taken: whether the person may is not known",
				slog.String("thread", string(p.click.Thread)), slog.Any("err", err))
			return
		}
	}
	var v bridge.Result
	var err error
	if p.click.Thread, err = in.app.aliases.storedKey(ctx, p.click.Thread); err == nil {
		v, err = in.inlet.AcceptClick(ctx, p.click)
	}
	if err == nil && p.click.Refused != bridge.Allowed {
		v = bridge.Result{Ignored: string(p.click.Refused)} // that is what is counted
	}
	in.finish(ctx, CounterClick, v, err, ack)
}

// acceptChannelEvent hands news of a channel to the inlet.
func (in *intake) acceptChannelEvent(ctx context.Context, s channelEvent) (bridge.Result, error) {
	switch {
	case s.renamedTo != "":
		return in.acceptRename(ctx, s.channel, s.renamedTo)
	case s.joined:
		v, err := in.app.channelJoined(ctx, in.inlet, s.channel)
		if err == nil && s.botJoin != nil {
			v, err = in.inlet.BotJoined(ctx, *s.botJoin)
		}
		return v, err
	default:
		return in.app.channelLeft(ctx, in.inlet, s.channel)
	}
}

// acceptRename remembers that a channel has another id. What was paused because calls with the old id were refused goes on.
func (in *intake) acceptRename(ctx context.Context, from, to bridge.ChannelKey) (bridge.Result, error) {
	news, err := in.app.aliases.RenameChannel(ctx, from, to)
	if err != nil {
		return bridge.Result{}, err
	}
	if _, err := in.app.channelJoined(ctx, in.inlet, to); err != nil {
		return bridge.Result{}, err
	}
	in.app.backlog.Load().channelRenamed(to)
	if !news {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, nil
	}
	in.app.log.Warn("a channel has another id: where variables name the old one, name the new one",
		slog.String("old", string(from)), slog.String("new", string(to)))
	return bridge.Result{New: true}, nil
}
