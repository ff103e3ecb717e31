package slacktest

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readable finds a channel whose messages the app may read. s.mu is held.
func (s *Server) readable(c *call) (*channel, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil || !s.hasBot(ch) && ch.Kind != Public {
		return nil, fail("channel_not_found")
	}
	if err := s.need(ch.scopeName() + ":history"); err != nil {
		return nil, err
	}
	if !s.hasBot(ch) {
		return nil, fail("not_in_channel")
	}
	return ch, nil
}

// window says whether a ts lies within oldest and latest of a call, which are exclusive unless inclusive.
func (c *call) window(ts string) bool {
	inclusive := c.args.yes("inclusive")
	if oldest := c.args["oldest"]; oldest != "" && oldest != "0" {
		if d := compareTS(ts, oldest); d < 0 || d == 0 && !inclusive {
			return false
		}
	}
	if latest := c.args["latest"]; latest != "" {
		if d := compareTS(ts, latest); d > 0 || d == 0 && !inclusive {
			return false
		}
	}
	return true
}

// compareTS compares timestamps as numbers without going through floats; a missing fraction counts as zero.
func compareTS(a, b string) int {
	as, af, _ := strings.Cut(a, ".")
	bs, bf, _ := strings.Cut(b, ".")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	if d := strings.Compare(as, bs); d != 0 {
		return d
	}
	pad := func(f string) string { return (f + "000000")[:6] }
	return strings.Compare(pad(af), pad(bf))
}

// visible says whether a message is in history already: the app's own posts may lag behind.
func (s *Server) visible(m *message) bool {
	return !m.own || s.cfg.HistoryLag == 0 || time.Since(m.stored) >= s.cfg.HistoryLag
}

// Page sizes from https://docs.slack.dev/reference/methods/conversations.replies and .history.
const (
	defaultReplies = 1000
	defaultHistory = 100
	maxPage        = 999
)

// replies is https://docs.slack.dev/reference/methods/conversations.replies: the parent, then the replies, earliest
// first.
func (s *Server) replies(c *call) (object, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	rootTS, ok := ch.rootOf(c.args["ts"])
	root := ch.byTS[rootTS]
	if !ok || root == nil || ch.gone(root) || !s.visible(root) {
		return nil, fail("thread_not_found")
	}
	after, err := cursorOf(c)
	if err != nil {
		return nil, err
	}
	var page []object
	metadata := c.args.yes("include_all_metadata")
	if after == "" || !s.cfg.ParentOnce {
		page = append(page, s.readJSON(ch, root, metadata))
	}
	limit := c.args.number("limit", defaultReplies, 1000)
	taken, more, last := 0, false, ""
	for _, m := range ch.live(rootTS) {
		if !s.visible(m) || !c.window(m.TS) || after != "" && compareTS(m.TS, after) <= 0 {
			continue
		}
		if taken == limit {
			more = true
			break
		}
		page = append(page, s.readJSON(ch, m, metadata))
		taken, last = taken+1, m.TS
	}
	return pageAnswer("messages", page, more, last), nil
}

// history is https://docs.slack.dev/reference/methods/conversations.history: newest first, no replies unless they
// were broadcast.
func (s *Server) history(c *call) (object, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	before, err := cursorOf(c)
	if err != nil {
		return nil, err
	}
	limit := c.args.number("limit", defaultHistory, maxPage)
	var page []object
	more, last := false, ""
	for _, m := range slices.Backward(ch.messages) {
		if m.isReply() && !m.Broadcast || ch.gone(m) || !s.visible(m) || !c.window(m.TS) ||
			before != "" && compareTS(m.TS, before) >= 0 {
			continue
		}
		if len(page) == limit {
			more = true
			break
		}
		page = append(page, s.readJSON(ch, m, c.args.yes("include_all_metadata")))
		last = m.TS
	}
	return pageAnswer("messages", page, more, last), nil
}

// pageAnswer is one page with the cursor of the next (https://docs.slack.dev/apis/web-api/pagination).
func pageAnswer(field string, page []object, more bool, last string) object {
	if page == nil {
		page = []object{}
	}
	body := object{field: page, "response_metadata": object{"next_cursor": ""}}
	if field == "messages" {
		body["has_more"] = more
		body["pin_count"] = 0
	}
	if more {
		cursor := base64.StdEncoding.EncodeToString([]byte("next_ts:" + last))
		body["response_metadata"] = object{"next_cursor": cursor}
	}
	return body
}

// cursorOf is where the page before ended.
func cursorOf(c *call) (string, error) {
	cursor := c.args["cursor"]
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	last, ok := strings.CutPrefix(string(raw), "next_ts:")
	if err != nil || !ok {
		return "", fail("invalid_cursor")
	}
	return last, nil
}

// listPage cuts a page out of a list whose items are objects.
func listPage(c *call, field string, items []object, def int) (object, error) {
	from := 0
	if at, err := cursorOf(c); err != nil {
		return nil, err
	} else if at != "" {
		if from, err = strconv.Atoi(at); err != nil || from > len(items) {
			return nil, fail("invalid_cursor")
		}
	}
	to := min(len(items), from+c.args.number("limit", def, 1000))
	return pageAnswer(field, items[from:to], to < len(items), strconv.Itoa(to)), nil
}

// channelInfo is https://docs.slack.dev/reference/methods/conversations.info.
func (s *Server) channelInfo(c *call) (object, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil || !s.hasBot(ch) && ch.Kind != Public {
		return nil, fail("channel_not_found")
	}
	if err := s.need(ch.scopeName() + ":read"); err != nil {
		return nil, err
	}
	return object{"channel": s.channelJSON(ch, c.args.yes("include_num_members"))}, nil
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
		if err := s.need((&channel{Channel: Channel{Kind: kind}}).scopeName() + ":read"); err != nil {
			return nil, err
		}
		kinds[kind] = true
	}
	var items []object
	for _, id := range s.world.order {
		ch := s.world.channels[id]
		if ch != nil && kinds[ch.Kind] && wanted(ch) && (!ch.IsArchived || !c.args.yes("exclude_archived")) {
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
	if err := s.need(ch.scopeName() + ":read"); err != nil {
		return nil, err
	}
	ids := sortedKeys(ch.members)
	items := make([]object, len(ids))
	body, err := listPage(c, "members", items, 100)
	if err != nil {
		return nil, err
	}
	// Members are plain ids: put them in the place of the page's objects.
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

// channelJoin refuses, always: an app that joins by itself is not what this server is for.
func (s *Server) channelJoin(*call) (object, error) {
	return nil, fail("method_not_supported_for_channel_type")
}
