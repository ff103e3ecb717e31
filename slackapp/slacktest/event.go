package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// event is an Events API event or an interaction that is sent to the app.
type event struct {
	envelope string // events_api, interactive
	kind     string // the inner type, "message", "app_mention", "block_actions"
	id       string
	channel  string
	ts       string // of the message concerned
	payload  json.RawMessage
	attempt  int // deliveries so far
	receipt  *receipt
	dropAcks int // acknowledgements still to be ignored
}

// receipt says whether an event was acknowledged. It outlives the event's payload.
type receipt struct{ settled bool }

// scopeOf is the scope an event needs besides its subscription (https://docs.slack.dev/reference/events).
func scopeOf(kind string, ch *channel) string {
	switch kind {
	case "app_mention":
		return "app_mentions:read"
	case "message":
		return ch.scopeName() + ":history"
	case "reaction_added", "reaction_removed":
		return "reactions:read"
	case "member_joined_channel", "member_left_channel":
		return ch.scopeName() + ":read"
	}
	return ""
}

// subscription is the name under which the app subscribes to an event.
func subscription(kind string, ch *channel) string {
	if kind == "message" {
		return "message." + map[ChannelKind]string{
			Public: "channels", Private: "groups", IM: "im", MPIM: "mpim",
		}[ch.Kind]
	}
	return kind
}

// sendMessageEvent sends the callback for an inner event of a channel, if the app is subscribed to it, has the scope,
// and is a member. s.mu is held.
func (s *Server) sendMessageEvent(ch *channel, inner object) {
	kind, _ := inner["type"].(string)
	if !slices.Contains(s.cfg.Events, subscription(kind, ch)) || !s.hasBot(ch) {
		return
	}
	if scope := scopeOf(kind, ch); scope != "" && !s.scopes[scope] {
		return
	}
	ts, _ := inner["ts"].(string)
	if m, ok := inner["message"].(object); ok {
		ts, _ = m["ts"].(string)
	}
	s.dispatch(s.callback(ch, kind, ts, inner))
}

// callback wraps an inner event (https://docs.slack.dev/apis/events-api#callback-field).
func (s *Server) callback(ch *channel, kind, ts string, inner object) *event {
	id := s.newID("Ev")
	team, channelID, shared := s.cfg.TeamID, "", false
	contextTeam := s.cfg.TeamID
	if ch != nil {
		channelID, shared, contextTeam = ch.ID, ch.IsExtShared, ch.TeamID
		team = ch.TeamID
		if ch.HostTeamID != "" {
			team = ch.HostTeamID
		}
	}
	var enterprise any
	if s.cfg.EnterpriseID != "" {
		enterprise = s.cfg.EnterpriseID
	}
	payload := object{
		"token": "not-a-secret", "team_id": team, "context_team_id": contextTeam,
		"context_enterprise_id": enterprise, "api_app_id": s.cfg.AppID, "event": inner, "type": "event_callback",
		"event_id": id, "event_time": time.Now().Unix(), "is_ext_shared_channel": shared,
		"event_context": "4-" + strings.ToLower(id),
		"authorizations": []object{{
			"enterprise_id": enterprise, "team_id": contextTeam, "user_id": s.cfg.BotUserID, "is_bot": true,
			"is_enterprise_install": false,
		}},
	}
	if enterprise != nil {
		payload["enterprise_id"] = enterprise
	}
	return &event{
		envelope: "events_api", kind: kind, id: id, channel: channelID, ts: ts, payload: encode(payload),
	}
}

// SendEvent sends any inner event to the app, subscribed or not, in the callback that Slack would use: for unknown
// types and malformed events. The channel sets the envelope's team and may be empty.
func (s *Server) SendEvent(channelID string, inner map[string]any) error {
	s.mu.Lock()
	defer s.unlock()
	var ch *channel
	if channelID != "" {
		var err error
		if ch, err = s.channelOf(channelID); err != nil {
			return err
		}
	}
	kind, _ := inner["type"].(string)
	ts, _ := inner["ts"].(string)
	s.dispatch(s.callback(ch, kind, ts, inner))
	return nil
}

// SendEnvelope sends an envelope of any type with any payload, also types that no client knows.
func (s *Server) SendEnvelope(envelopeType string, payload json.RawMessage) {
	s.mu.Lock()
	defer s.unlock()
	s.dispatch(&event{envelope: envelopeType, kind: envelopeType, id: s.newID("Ev"), payload: payload})
}

// sendNewMessage sends the events of a new message: message, and app_mention if it mentions the app, in
// either order.
func (s *Server) sendNewMessage(ch *channel, m *message) {
	tells := []func(){func() { s.sendMessageEvent(ch, s.messageEvent(ch, m)) }}
	if s.mentionsBot(m) && ch.Kind != IM && !m.own {
		tells = append(tells, func() { s.sendMessageEvent(ch, s.mentionEvent(ch, m)) })
	}
	if m.sparseMention {
		slices.Reverse(tells)
	} else {
		s.rng.Shuffle(len(tells), func(i, j int) { tells[i], tells[j] = tells[j], tells[i] })
	}
	for _, tell := range tells {
		tell()
	}
}

func (s *Server) mentionsBot(m *message) bool {
	id := "<@" + s.cfg.BotUserID
	return strings.Contains(m.Text, id+">") || strings.Contains(m.Text, id+"|") ||
		blocksMention(m.Blocks, s.cfg.BotUserID)
}

// messageEvent is https://docs.slack.dev/reference/events/message.
func (s *Server) messageEvent(ch *channel, m *message) object {
	o := s.messageJSON(m, true)
	o["channel"], o["channel_type"], o["event_ts"] = ch.ID, ch.typeName(), m.TS
	if root := ch.byTS[m.ThreadTS]; m.Subtype == "thread_broadcast" && root != nil {
		o["root"] = s.readJSON(ch, root, false)
	}
	return o
}

// mentionEvent is https://docs.slack.dev/reference/events/app_mention.
func (s *Server) mentionEvent(ch *channel, m *message) object {
	o := s.messageJSON(m, true)
	delete(o, "subtype")
	if m.sparseMention {
		for _, field := range []string{"files", "upload", "display_as_bot", "blocks", "attachments"} {
			delete(o, field)
		}
	}
	o["type"], o["channel"], o["event_ts"] = "app_mention", ch.ID, m.TS
	return o
}

// changedEvent is https://docs.slack.dev/reference/events/message/message_changed; before is what messageJSON gave
// before the change.
func (s *Server) changedEvent(ch *channel, m *message, before object) object {
	at := ch.nextTS()
	now := s.messageJSON(m, true)
	if m.Deleted {
		now = s.readJSON(ch, m, false)
	}
	return object{
		"type": "message", "subtype": "message_changed", "hidden": true, "message": now, "previous_message": before,
		"channel": ch.ID, "channel_type": ch.typeName(), "ts": at, "event_ts": at,
	}
}

// deletedEvent is https://docs.slack.dev/reference/events/message/message_deleted.
func (s *Server) deletedEvent(ch *channel, m *message, before object) object {
	at := ch.nextTS()
	return object{
		"type": "message", "subtype": "message_deleted", "hidden": true, "deleted_ts": m.TS,
		"previous_message": before, "channel": ch.ID, "channel_type": ch.typeName(), "ts": at, "event_ts": at,
	}
}

// encode is json.Marshal for values that the server made itself, which can always be encoded.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("slacktest: encode its own value: %w", err))
	}
	return b
}
