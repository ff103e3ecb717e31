package slackapp

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// shift is news of a channel as such: it has another id, or we are in it or not.
type shift struct {
	channel bridge.ChannelKey
	// to is its present key; empty where we came or went.
	to   bridge.ChannelKey
	here bool
	// greet is set where we came to a channel in which we are switched on.
	greet *bridge.BotJoin
}

// shifts are the events that bring such news (https://docs.slack.dev/reference/events). That somebody else came or went
// is none.
var shifts = map[string]bool{
	"channel_id_changed": true, "member_joined_channel": true, "member_left_channel": true,
	"channel_left": true, "group_left": true,
}

// shifted reads news of a channel.
func (r reader) shifted(c callback) heard {
	var e struct {
		Type    string `json:"type"`
		TS      string `json:"event_ts"`
		Channel string `json:"channel"`
		User    string `json:"user"`
		Old     string `json:"old_channel_id"`
		New     string `json:"new_channel_id"`
	}
	if err := slackjson.Unmarshal(c.Event, &e); err != nil {
		return ignore(IgnoredMalformed)
	}
	s := &shift{}
	switch e.Type {
	case "channel_id_changed":
		if !validID(e.New) || e.New == e.Old {
			return ignore(IgnoredMalformed)
		}
		e.Channel, s.to = e.Old, channelKey(r.self.Team, e.New)
	case "member_joined_channel", "member_left_channel":
		if e.User != r.self.User {
			return ignore(IgnoredType)
		}
		s.here = e.Type == "member_joined_channel"
	}
	if !validID(e.Channel) {
		return ignore(IgnoredMalformed)
	}
	s.channel = channelKey(r.self.Team, e.Channel)
	if s.here && bridge.ValidTS(e.TS) && r.gate.refusesIn(setting{channel: e.Channel, shared: c.Shared}) == bridge.Allowed {
		s.greet = &bridge.BotJoin{Thread: bridge.ThreadKey(s.channel), TS: e.TS}
	}
	return heard{shift: s}
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

// joined tells that something shows that we are in a channel, under whichever ids its threads are stored.
func (a *App) joined(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	return a.eachKey(ctx, channel, p.ChannelJoined)
}

// left tells that we are not in a channel any more.
func (a *App) left(ctx context.Context, p Presence, channel bridge.ChannelKey) (bridge.Result, error) {
	v, err := a.eachKey(ctx, channel, p.ChannelLeft)
	if err == nil {
		a.sweeps.Load().channelLeft(a.aliases.channelKeys(channel))
	}
	return v, err
}

// eachKey tells the same about a channel under each of its keys. It is news if it is news about one of them.
func (a *App) eachKey(
	ctx context.Context, channel bridge.ChannelKey, tell func(context.Context, bridge.ChannelKey) (bridge.Result, error),
) (all bridge.Result, err error) {
	for _, key := range a.aliases.channelKeys(channel) {
		v, err := tell(ctx, key)
		if err != nil {
			return v, err
		}
		if !all.New {
			all = v
		}
	}
	return all, nil
}
