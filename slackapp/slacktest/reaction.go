package slacktest

import (
	"regexp"
	"slices"
	"strings"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'\-]+(::skin-tone-[2-6])?$`)

// emojiAliases maps the names that Slack replaces to their replacements.
var emojiAliases = map[string]string{
	"thumbsup": "+1", "thumbsdown": "-1", "hankey": "poop", "envelope": "email", "telephone": "phone",
}

// These are the limits on reactions; Slack does not publish the numbers.
const (
	maxEmoji    = 50
	maxReaction = 23
)

// reactableMessage finds the message of a reactions call.
func (s *Server) reactableMessage(c *call) (*channel, *message, string, error) {
	name := strings.Trim(c.args["name"], ":")
	if alias, ok := emojiAliases[name]; ok {
		name = alias
	}
	if c.args["channel"] == "" || c.args["timestamp"] == "" {
		return nil, nil, "", fail("no_item_specified")
	}
	if strings.Count(c.args["timestamp"], ".") != 1 {
		return nil, nil, "", fail("bad_timestamp")
	}
	ch, err := s.writableChannel(c)
	if err != nil {
		return nil, nil, "", err
	}
	m := ch.byTS[c.args["timestamp"]]
	if m == nil || m.Deleted {
		return nil, nil, "", fail("message_not_found")
	}
	return ch, m, name, nil
}

// reactionsAdd is https://docs.slack.dev/reference/methods/reactions.add.
func (s *Server) reactionsAdd(c *call) (object, error) {
	ch, m, name, err := s.reactableMessage(c)
	if err != nil {
		return nil, err
	}
	if !emojiName.MatchString(name) {
		return nil, fail("invalid_name")
	}
	return object{}, s.react(ch, m, s.cfg.BotUserID, name)
}

func (s *Server) react(ch *channel, m *message, user, name string) error {
	mine := 0
	for _, r := range m.Reactions {
		if slices.Contains(r.Users, user) {
			if r.Name == name {
				return fail("already_reacted")
			}
			mine++
		}
	}
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch {
	case mine >= maxReaction:
		return fail("too_many_reactions")
	case i < 0 && len(m.Reactions) >= maxEmoji:
		return fail("too_many_emoji")
	case i < 0:
		m.Reactions = append(m.Reactions, Reaction{Name: name, Users: []string{user}})
	default:
		m.Reactions[i].Users = append(m.Reactions[i].Users, user)
	}
	s.sendMessageEvent(ch, reactionEvent(ch, m, user, name, "reaction_added"))
	return nil
}

// reactionsRemove is https://docs.slack.dev/reference/methods/reactions.remove; it removes the app's own only.
func (s *Server) reactionsRemove(c *call) (object, error) {
	ch, m, name, err := s.reactableMessage(c)
	if err != nil {
		return nil, err
	}
	return object{}, s.unreact(ch, m, s.cfg.BotUserID, name)
}

func (s *Server) unreact(ch *channel, m *message, user, name string) error {
	for i, r := range m.Reactions {
		j := slices.Index(r.Users, user)
		if r.Name != name || j < 0 {
			continue
		}
		m.Reactions[i].Users = slices.Delete(r.Users, j, j+1)
		if len(m.Reactions[i].Users) == 0 {
			m.Reactions = slices.Delete(m.Reactions, i, i+1)
		}
		s.sendMessageEvent(ch, reactionEvent(ch, m, user, name, "reaction_removed"))
		return nil
	}
	return fail("no_reaction")
}

func reactionEvent(ch *channel, m *message, user, name, kind string) object {
	return object{
		"type": kind, "user": user, "reaction": name, "item_user": m.User, "event_ts": ch.nextTS(),
		"item": object{"type": "message", "channel": ch.ID, "ts": m.TS},
	}
}

// reactionsGet is https://docs.slack.dev/reference/methods/reactions.get.
func (s *Server) reactionsGet(c *call) (object, error) {
	ch, m, _, err := s.reactableMessage(c)
	if err != nil {
		return nil, err
	}
	o := s.messageJSON(m, false)
	if rs := reactionsJSON(m); len(rs) > 0 {
		o["reactions"] = rs
	}
	return object{"type": "message", "channel": ch.ID, "message": o}, nil
}
