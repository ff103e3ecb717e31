package slackapp

import (
	"context"
	"log/slog"

	"github.com/agenbridge/agenbridge/bridge"
)

// shift is news of a channel as such: it has another id, or we are in it or not.
type shift struct {
	channel bridge.ChannelKey
	// to is the other key; empty where we came or went.
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
	if err := decode(c.Event, &e); err != nil {
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
	if s.here && validTS(e.TS) && r.gate.refusesIn(setting{channel: e.Channel, shared: c.Shared}) == bridge.Allowed {
		s.greet = &bridge.BotJoin{Thread: bridge.ThreadKey(s.channel), TS: e.TS}
	}
	return heard{shift: s}
}

// takeShift hands news of a channel to the inlet.
func (in *intake) takeShift(ctx context.Context, s shift) (bridge.Result, error) {
	sweeps := in.app.sweeps.Load()
	switch {
	case s.to != "":
		v, err := in.inlet.ChannelRenamed(ctx, s.channel, s.to)
		if err == nil {
			sweeps.moved(s.channel, s.to)
			in.app.log.Warn("a channel has another id: where variables name the old one, name the new one",
				slog.String("old", string(s.channel)), slog.String("new", string(s.to)))
		}
		return v, err
	case s.here:
		v, err := in.inlet.ChannelJoined(ctx, s.channel)
		if err == nil && s.greet != nil {
			v, err = in.inlet.BotJoined(ctx, *s.greet)
		}
		return v, err
	default:
		v, err := in.inlet.ChannelLeft(ctx, s.channel)
		if err == nil {
			sweeps.left(s.channel)
		}
		return v, err
	}
}
