package slacktest

import (
	"strconv"
	"strings"
)

// channelInfo is https://docs.slack.dev/reference/methods/conversations.info.
func (s *Server) channelInfo(c *call) (object, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil || !s.hasBot(ch) && ch.Kind != Public {
		return nil, fail("channel_not_found")
	}
	if err := s.requireScope(ch.scopeName() + ":read"); err != nil {
		return nil, err
	}
	return object{"channel": s.channelJSON(ch, c.args.isTrue("include_num_members"))}, nil
}

func (s *Server) channelJSON(ch *channel, members bool) object {
	o := object{
		"id": ch.ID, "created": ch.created, "is_archived": ch.IsArchived, "is_im": ch.Kind == IM,
		"is_org_shared": ch.IsOrgShared, "is_ext_shared": ch.IsExtShared, "is_pending_ext_shared": ch.IsPendingExtShared,
		"is_shared": ch.IsExtShared || ch.IsOrgShared, "context_team_id": ch.TeamID, "updated": ch.created * 1000,
		"is_private": ch.Kind != Public,
	}
	if ch.Kind == IM {
		o["user"] = ch.User
		return o
	}
	o["name"], o["name_normalized"] = ch.Name, ch.Name
	o["is_channel"], o["is_group"], o["is_mpim"] = ch.Kind == Public || ch.Kind == Private, ch.Kind == MPIM, ch.Kind == MPIM
	o["is_general"], o["is_member"], o["unlinked"] = ch.IsGeneral, s.hasBot(ch), 0
	o["shared_team_ids"] = []string{ch.TeamID}
	o["topic"] = object{"value": ch.Topic, "creator": "", "last_set": 0}
	o["purpose"] = object{"value": ch.Purpose, "creator": "", "last_set": 0}
	if members {
		o["num_members"] = len(ch.members)
	}
	return o
}

// channelList is https://docs.slack.dev/reference/methods/conversations.list.
func (s *Server) channelList(c *call) (object, error) {
	return s.listChannels(c, func(ch *channel) bool { return ch.Kind == Public || s.hasBot(ch) })
}

// usersConversations is https://docs.slack.dev/reference/methods/users.conversations.
func (s *Server) usersConversations(c *call) (object, error) {
	user := c.args["user"]
	if user == "" {
		user = s.cfg.BotUserID
	}
	return s.listChannels(c, func(ch *channel) bool { return ch.members[user] && (ch.Kind == Public || s.hasBot(ch)) })
}

func (s *Server) listChannels(c *call, wanted func(*channel) bool) (object, error) {
	types := c.args["types"]
	if types == "" {
		types = "public_channel"
	}
	kinds := map[ChannelKind]bool{}
	for name := range strings.SplitSeq(types, ",") {
		kind, ok := map[string]ChannelKind{
			"public_channel": Public, "private_channel": Private, "im": IM, "mpim": MPIM,
		}[strings.TrimSpace(name)]
		if !ok {
			return nil, fail("invalid_types")
		}
		if err := s.requireScope((&channel{Channel: Channel{Kind: kind}}).scopeName() + ":read"); err != nil {
			return nil, err
		}
		kinds[kind] = true
	}
	var items []object
	for _, id := range s.world.order {
		ch := s.world.channels[id]
		if ch != nil && kinds[ch.Kind] && wanted(ch) && (!ch.IsArchived || !c.args.isTrue("exclude_archived")) {
			items = append(items, s.channelJSON(ch, true))
		}
	}
	return listPage(c, "channels", items, 100)
}

// channelMembers is https://docs.slack.dev/reference/methods/conversations.members.
func (s *Server) channelMembers(c *call) (object, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil || !s.hasBot(ch) && ch.Kind != Public {
		return nil, fail("channel_not_found")
	}
	if err := s.requireScope(ch.scopeName() + ":read"); err != nil {
		return nil, err
	}
	ids := sortedKeys(ch.members)
	items := make([]object, len(ids))
	body, err := listPage(c, "members", items, 100)
	if err != nil {
		return nil, err
	}
	// Members are plain ids, so they replace the objects of the page.
	from := 0
	if at, err := cursorOf(c); err == nil && at != "" {
		from, _ = strconv.Atoi(at) // listPage has checked it
	}
	page, _ := body["members"].([]object)
	body["members"] = ids[from : from+len(page)]
	return body, nil
}

// channelOpen is https://docs.slack.dev/reference/methods/conversations.open, for one user.
func (s *Server) channelOpen(c *call) (object, error) {
	if id := c.args["channel"]; id != "" {
		if ch := s.world.channels[id]; ch != nil && (ch.Kind == IM || ch.Kind == MPIM) {
			return object{"no_op": true, "already_open": true, "channel": object{"id": ch.ID}}, nil
		}
		return nil, fail("channel_not_found")
	}
	u := s.world.users[c.args["users"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	if u.ID == s.cfg.BotUserID {
		return nil, fail("cannot_dm_bot")
	}
	return object{"channel": object{"id": s.imWith(u).ID}}, nil
}

// channelJoin always refuses: an app that joins channels by itself is out of scope.
func (s *Server) channelJoin(*call) (object, error) {
	return nil, fail("method_not_supported_for_channel_type")
}
