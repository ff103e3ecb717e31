package slacktest

import (
	"encoding/json"
	"slices"
	"time"
)

// Message is a copy of a message. It may be deleted.
type Message struct {
	Channel string
	// TS identifies the message in its channel; ThreadTS is the root's ts, equal to TS on a root with replies.
	TS, ThreadTS string
	// User is the author, also for bots; BotID is set for bots only. Subtype is Slack's.
	User, BotID, Subtype string
	// Text, Blocks and Attachments are as stored. Sent are the blocks as the app gave them: Slack stores a markdown
	// block translated.
	Text                                string
	Blocks, Sent, Attachments, Metadata json.RawMessage
	Files                               []File
	Reactions                           []Reaction
	// EditedTS and EditedBy are empty until somebody edits the message. Updates counts changes of any kind.
	EditedTS, EditedBy string
	Updates            int
	Deleted            bool
	Broadcast          bool
}

// Reaction is one emoji on a message and who put it there, in order.
type Reaction struct {
	Name  string
	Users []string
}

// Ephemeral is a message that only one person sees.
type Ephemeral struct {
	Channel, ThreadTS, TS string
	// User is the id of the person who sees it.
	User   string
	Text   string
	Blocks json.RawMessage
	// At is when it was posted. Deleted is set by a response URL.
	At      time.Time
	Deleted bool
	// Hidden is set if Slack doesn't show it because its thread had no reply
	// (https://docs.slack.dev/reference/methods/chat.postEphemeral, thread_ts).
	Hidden bool
}

type message struct {
	Message
	appID       string
	clientMsgID string
	team        string
	stored      time.Time // for HistoryLag
	own         bool      // posted by the app under test
	// sparseMention makes the app_mention arrive first, without files, blocks and attachments: Slack promises neither
	// an order of the two events nor that they have the same fields.
	sparseMention bool
	receipts      []*receipt // of the events about it
}

func (m *message) isReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

func (m *message) clone() Message {
	c := m.Message
	c.Files = slices.Clone(m.Files)
	c.Reactions = make([]Reaction, 0, len(m.Reactions))
	for _, r := range m.Reactions {
		c.Reactions = append(c.Reactions, Reaction{Name: r.Name, Users: slices.Clone(r.Users)})
	}
	return c
}

// store adds a new message to its channel and thread. s.mu is held.
func (ch *channel) store(m *message) {
	m.Channel = ch.ID
	m.stored = time.Now()
	ch.messages = append(ch.messages, m)
	ch.byTS[m.TS] = m
	if m.isReply() {
		ch.replies[m.ThreadTS] = append(ch.replies[m.ThreadTS], m)
		if root := ch.byTS[m.ThreadTS]; root != nil {
			root.ThreadTS = root.TS
		}
	}
}

// rootOf returns the ts of the thread that a message belongs to, and whether there is such a message.
func (ch *channel) rootOf(ts string) (string, bool) {
	m := ch.byTS[ts]
	if m == nil {
		return "", false
	}
	if m.ThreadTS != "" {
		return m.ThreadTS, true
	}
	return m.TS, true
}

// existingRoot returns the root of the thread that a message belongs to. It is nil if there is no such message: Slack
// ignores a thread_ts that it doesn't know, and the post lands in the channel.
func (ch *channel) existingRoot(ts string) *message {
	rootTS, ok := ch.rootOf(ts)
	root := ch.byTS[rootTS]
	if !ok || root == nil || ch.isGone(root) {
		return nil
	}
	return root
}

// isActive reports whether the thread that a message belongs to has a reply.
func (ch *channel) isActive(ts string) bool {
	root := ch.existingRoot(ts)
	return root != nil && len(ch.currentReplies(root.TS)) > 0
}

// currentReplies returns the replies of a thread that were not deleted.
func (ch *channel) currentReplies(root string) []*message {
	var out []*message
	for _, m := range ch.replies[root] {
		if !m.Deleted {
			out = append(out, m)
		}
	}
	return out
}

// isGone reports whether a message was deleted without a tombstone.
func (ch *channel) isGone(m *message) bool {
	return m.Deleted && (m.isReply() || len(ch.currentReplies(m.TS)) == 0)
}

type object = map[string]any

// messageJSON returns the message as events and posting methods have it. s.mu is held.
func (s *Server) messageJSON(m *message, stripFiles bool) object {
	o := object{"type": "message", "ts": m.TS, "user": m.User, "text": m.Text, "team": m.team}
	optional := map[string]string{
		"subtype": m.Subtype, "bot_id": m.BotID, "app_id": m.appID, "thread_ts": m.ThreadTS,
		"client_msg_id": m.clientMsgID,
	}
	for k, v := range optional {
		if v != "" {
			o[k] = v
		}
	}
	if m.BotID != "" {
		o["bot_profile"] = s.botProfile(m)
	}
	if len(m.Blocks) > 0 {
		o["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		o["attachments"] = m.Attachments
	}
	if m.EditedTS != "" {
		o["edited"] = object{"user": m.EditedBy, "ts": m.EditedTS}
	}
	if len(m.Files) > 0 {
		files := make([]object, 0, len(m.Files))
		for _, f := range m.Files {
			files = append(files, s.fileJSON(f, stripFiles))
		}
		o["files"] = files
		o["upload"] = false
		o["display_as_bot"] = false
	}
	ch := s.world.channels[m.Channel]
	if ch == nil {
		return o
	}
	if root := ch.byTS[m.ThreadTS]; m.isReply() && root != nil {
		o["parent_user_id"] = root.User
	}
	if u := s.world.users[m.User]; u != nil && u.TeamID != s.cfg.TeamID {
		o["user_team"], o["source_team"] = u.TeamID, u.TeamID
		o["user_profile"] = s.profileJSON(u)
	}
	return o
}

// readJSON returns the message as conversations.history and .replies have it. s.mu is held.
func (s *Server) readJSON(ch *channel, m *message, metadata bool) object {
	if m.Deleted {
		return s.withThread(ch, m, object{
			"type": "message", "subtype": "tombstone", "user": slackbot, "hidden": true,
			"text": "This message was deleted.", "ts": m.TS, "thread_ts": m.TS,
		})
	}
	o := s.messageJSON(m, false)
	if metadata && len(m.Metadata) > 0 {
		o["metadata"] = m.Metadata
	}
	if rs := reactionsJSON(m); len(rs) > 0 {
		o["reactions"] = rs
	}
	return s.withThread(ch, m, o)
}

// withThread adds a root's fields about its replies.
func (s *Server) withThread(ch *channel, m *message, o object) object {
	replies := ch.currentReplies(m.TS)
	if m.isReply() || len(replies) == 0 {
		return o
	}
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.User) && len(users) < 5 {
			users = append(users, r.User)
		}
	}
	o["thread_ts"] = m.TS
	o["reply_count"] = len(replies)
	o["reply_users"] = users
	o["reply_users_count"] = len(users)
	o["latest_reply"] = replies[len(replies)-1].TS
	o["is_locked"] = false
	o["subscribed"] = slices.Contains(users, s.cfg.BotUserID)
	return o
}

func reactionsJSON(m *message) []object {
	var out []object
	for _, r := range m.Reactions {
		out = append(out, object{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	return out
}

func (s *Server) botProfile(m *message) object {
	name := m.User
	if u := s.world.users[m.User]; u != nil {
		name = u.RealName
	}
	return object{"id": m.BotID, "app_id": m.appID, "name": name, "deleted": false, "team_id": m.team}
}
