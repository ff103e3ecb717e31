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
	reader reader
	events crew
	clicks crew
}

// take accepts a parcel and never blocks: what has to wait for anything does so elsewhere.
func (in *intake) take(ctx context.Context, p socketmode.Envelope) {
	switch p.Type {
	case "events_api":
		in.takeEvent(ctx, p)
	case "interactive":
		in.takeClick(ctx, p)
	default: // slash commands and whatever comes: nothing of ours, and once is enough
		in.app.obs.Tally(TallyEvent, IgnoredType)
		p.Ack()
	}
}

func (in *intake) takeEvent(ctx context.Context, p socketmode.Envelope) {
	var h heard
	if !in.app.contain(TallyEvent, func() { h = in.reader.event(p.Payload) }) {
		return
	}
	if h.ignored != "" {
		in.app.obs.Tally(TallyEvent, h.ignored)
		p.Ack()
		return
	}
	p.Payload = nil // the body holds what is needed of it
	size := 0
	if h.message != nil {
		size = len(h.message.Body)
	}
	if !in.events.do(string(in.app.aliases.currentKey(bridge.ThreadKey(h.turn()))), size, func() {
		in.app.contain(TallyEvent, func() { in.commit(ctx, h, p.Ack) })
	}) {
		in.app.obs.Tally(TallyEvent, OutcomeOverflow)
		in.app.sweeps.Load().dropped()
	}
}

// commit hands what was heard to the inlet, and acknowledges it when it is safe.
func (in *intake) commit(ctx context.Context, h heard, ack func()) {
	if ctx.Err() != nil {
		in.app.obs.Tally(TallyEvent, OutcomeStopped)
		return
	}
	if h.shift != nil {
		v, err := in.takeShift(ctx, *h.shift)
		in.conclude(ctx, TallyEvent, v, err, ack)
		return
	}
	sweeps := in.app.sweeps.Load()
	var v bridge.Result
	err := in.file(ctx, &h)
	if err == nil {
		sweeps.await(ctx, h.thread())
		v, err = in.hear(ctx, h)
	}
	if err == nil && v.Ignored != bridge.IgnoredNotOurs {
		sweeps.noteUse(h.thread())
	}
	in.conclude(ctx, TallyEvent, v, err, ack)
}

// file gives what was said, or taken back, the key under which its thread is stored.
func (in *intake) file(ctx context.Context, h *heard) (err error) {
	if h.deletion != nil {
		h.deletion.Thread, err = in.app.aliases.storedKey(ctx, h.deletion.Thread)
	} else {
		h.message.Thread, err = in.app.aliases.storedKey(ctx, h.message.Thread)
	}
	return err
}

// hear hands over what was said, or taken back. Whoever hears something in a channel is in it.
func (in *intake) hear(ctx context.Context, h heard) (bridge.Result, error) {
	if h.deletion != nil {
		return in.inlet.AcceptDeletion(ctx, *h.deletion)
	}
	if _, err := in.app.joined(ctx, in.inlet, h.message.Thread.Channel()); err != nil {
		return bridge.Result{}, err
	}
	return in.inlet.AcceptMessage(ctx, *h.message)
}

// conclude counts what became of something, and acknowledges it unless it failed.
func (in *intake) conclude(ctx context.Context, what Tally, v bridge.Result, err error, ack func()) {
	switch {
	case err != nil && ctx.Err() != nil:
		in.app.obs.Tally(what, OutcomeStopped)
		return
	case err != nil:
		in.app.obs.Tally(what, OutcomeFailed)
		in.app.sweeps.Load().dropped()
		in.app.log.Error("what Slack sent was not stored, so it is not acknowledged and comes again",
			slog.String("kind", string(what)), slog.Any("err", err))
		return
	case v.New:
		in.app.obs.Tally(what, OutcomeAccepted)
	default:
		in.app.obs.Tally(what, cmp.Or(v.Ignored, "known"))
	}
	ack()
}

// vetTime bounds the look-ups for a click: Slack shows the person a warning after three seconds
// (https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response).
const vetTime = 2 * time.Second

func (in *intake) takeClick(ctx context.Context, p socketmode.Envelope) {
	var press press
	var reason string
	if !in.app.contain(TallyClick, func() { press, reason = in.reader.click(p.Payload) }) {
		return
	}
	if reason != "" {
		in.app.obs.Tally(TallyClick, reason)
		p.Ack()
		return
	}
	if !in.clicks.do(string(in.app.aliases.currentKey(press.click.Thread)), len(p.Payload), func() {
		in.app.contain(TallyClick, func() { in.press(ctx, press, p.Ack) })
	}) {
		in.app.obs.Tally(TallyClick, OutcomeOverflow)
	}
}

// press hands a click to the inlet, with what the gate says of it. One of which nobody can say it in time isn't
// acknowledged, so that the person sees that nothing came of it.
func (in *intake) press(ctx context.Context, p press, ack func()) {
	if p.click.Refused == bridge.Allowed {
		vetting, cancel := context.WithTimeout(ctx, vetTime)
		defer cancel()
		var err error
		if p.click.Refused, err = in.app.vet(vetting, in.reader.self, p.click.By, p.at.channel, p.at.direct()); err != nil {
			in.app.obs.Tally(TallyClick, OutcomeUndecided)
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
	in.conclude(ctx, TallyClick, v, err, ack)
}

// takeShift hands news of a channel to the inlet.
func (in *intake) takeShift(ctx context.Context, s shift) (bridge.Result, error) {
	switch {
	case s.to != "":
		return in.renamed(ctx, s.channel, s.to)
	case s.here:
		v, err := in.app.joined(ctx, in.inlet, s.channel)
		if err == nil && s.greet != nil {
			v, err = in.inlet.BotJoined(ctx, *s.greet)
		}
		return v, err
	default:
		return in.app.left(ctx, in.inlet, s.channel)
	}
}

// renamed remembers that a channel has another id. What was paused because calls with the old id were refused goes on.
func (in *intake) renamed(ctx context.Context, from, to bridge.ChannelKey) (bridge.Result, error) {
	news, err := in.app.aliases.RenameChannel(ctx, from, to)
	if err != nil {
		return bridge.Result{}, err
	}
	if _, err := in.app.joined(ctx, in.inlet, to); err != nil {
		return bridge.Result{}, err
	}
	in.app.sweeps.Load().channelRenamed(to)
	if !news {
		return bridge.Result{Ignored: bridge.IgnoredKnown}, nil
	}
	in.app.log.Warn("a channel has another id: where variables name the old one, name the new one",
		slog.String("old", string(from)), slog.String("new", string(to)))
	return bridge.Result{New: true}, nil
}
