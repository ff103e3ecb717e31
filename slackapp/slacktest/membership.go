package slacktest

import (
	"fmt"
	"slices"
	"strings"
)

// InviteBot makes the app a member of a channel. It gets member_joined_channel, and app_mention for earlier mentions.
func (s *Server) InviteBot(user, channelID string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(channelID)
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	s.join(ch, s.cfg.BotUserID, user)
	for _, m := range ch.uninvited {
		s.sendMessageEvent(ch, s.mentionEvent(ch, m))
	}
	ch.uninvited = nil
	return nil
}

// Join makes a person a member of a channel. The app gets member_joined_channel.
func (s *Server) Join(user, channelID string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(channelID)
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	s.join(ch, user, "")
	return nil
}

func (s *Server) join(ch *channel, user, inviter string) {
	ch.members[user] = true
	o := object{
		"type": "member_joined_channel", "user": user, "channel": ch.ID, "team": s.cfg.TeamID,
		"channel_type": strings.ToUpper(ch.typeName()[:1]), "event_ts": ch.nextTS(),
	}
	if inviter != "" {
		o["inviter"] = inviter
	}
	s.sendMessageEvent(ch, o)
}

// KickBot removes the app from a channel: it may get channel_left or group_left, and from then on it
// gets no events of the channel and may not write to it.
func (s *Server) KickBot(user, channelID string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(channelID)
	if err != nil {
		return fmt.Errorf("kick: %w", err)
	}
	kind := map[ChannelKind]string{Public: "channel_left", Private: "group_left"}[ch.Kind]
	s.sendMessageEvent(ch, object{"type": kind, "channel": ch.ID, "actor_id": user, "event_ts": ch.nextTS()})
	delete(ch.members, s.cfg.BotUserID)
	return nil
}

// Archive archives a channel, or with false unarchives it. The app gets channel_archive or channel_unarchive, in private
// channels group_archive or group_unarchive (https://docs.slack.dev/reference/events/channel_archive). Until then it may
// not write there.
func (s *Server) Archive(user, channelID string, archived bool) error {
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(channelID)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	kind := map[ChannelKind]string{Public: "channel", Private: "group"}[ch.Kind] + map[bool]string{true: "_archive", false: "_unarchive"}[archived]
	ch.IsArchived = archived
	s.sendMessageEvent(ch, object{"type": kind, "channel": ch.ID, "user": user, "event_ts": ch.nextTS()})
	return nil
}

// OpenHome opens the app's home tab. The app gets app_home_opened.
func (s *Server) OpenHome(user string) error {
	s.mu.Lock()
	defer s.unlock()
	u, err := s.userOf(user)
	if err != nil {
		return fmt.Errorf("open the home tab: %w", err)
	}
	ch := s.imWith(u)
	s.sendMessageEvent(ch, object{"type": "app_home_opened", "user": user, "channel": ch.ID, "tab": "home", "event_ts": ch.nextTS()})
	return nil
}

// ChangeChannelID gives a channel a new id, as sharing it may do. The app gets channel_id_changed.
func (s *Server) ChangeChannelID(from, to string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(from)
	if err != nil {
		return fmt.Errorf("change id: %w", err)
	}
	delete(s.world.channels, from)
	ch.ID = to
	s.world.channels[to] = ch
	if i := slices.Index(s.world.order, from); i >= 0 {
		s.world.order[i] = to
	}
	for _, m := range ch.messages {
		m.Channel = to
	}
	s.sendMessageEvent(ch, object{
		"type": "channel_id_changed", "old_channel_id": from, "new_channel_id": to, "event_ts": ch.nextTS(),
	})
	return nil
}

// SetScopes replaces the bot token's scopes, as a reinstall does.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.unlock()
	s.scopes = set(scopes)
}

// SetBotToken replaces the only bot token that is accepted.
func (s *Server) SetBotToken(token string) {
	s.mu.Lock()
	defer s.unlock()
	s.botToken = token
}
