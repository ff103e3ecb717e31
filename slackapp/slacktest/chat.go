package slacktest

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Sizes from https://docs.slack.dev/reference/methods/chat.postMessage and .../chat.update.
const (
	maxText       = 40_000
	maxUpdateText = 4_000
)

// writableChannel returns the channel of a call if the app may write to it. s.mu is held.
func (s *Server) writableChannel(c *call) (*channel, error) {
	id := c.args["channel"]
	if u := s.world.users[id]; u != nil {
		return s.imWith(u), nil
	}
	ch := s.world.channels[id]
	switch {
	case ch == nil, !s.hasBot(ch) && ch.Kind != Public:
		return nil, fail("channel_not_found")
	case !s.hasBot(ch):
		return nil, fail("not_in_channel")
	case ch.IsArchived:
		return nil, fail("is_archived")
	}
	return ch, nil
}

// imWith returns the direct message with a user, and opens one if there is none.
func (s *Server) imWith(u *User) *channel {
	for _, id := range s.world.order {
		if ch := s.world.channels[id]; ch.Kind == IM && ch.User == u.ID {
			return ch
		}
	}
	return s.addChannel(Channel{ID: imID(u.ID), TeamID: s.cfg.TeamID, Kind: IM, User: u.ID})
}

// messageContent is the content of an app's message.
type messageContent struct {
	text                                string
	blocks, sent, attachments, metadata json.RawMessage
}

// contentOf checks text, blocks, attachments and metadata of a call. s.mu is held.
func (s *Server) contentOf(c *call) (messageContent, error) {
	out := messageContent{text: escapeText(c.args["text"])}
	if md := c.args["markdown_text"]; md != "" {
		if c.args["text"] != "" || c.args["blocks"] != "" {
			return out, fail("markdown_text_conflict")
		}
		if utf8.RuneCountInString(md) > maxMarkdown {
			return out, fail("msg_too_long")
		}
		out.text = escapeText(md)
		out.blocks = encode(markdownBlocks(md))
	}
	if utf8.RuneCountInString(out.text) > maxText {
		out.text = string([]rune(out.text)[:maxText])
		c.warnings = append(c.warnings, "message_truncated")
	}
	if raw := c.args["blocks"]; raw != "" && raw != "null" {
		blocks, err := s.checkBlocks(raw)
		if err != nil {
			return out, err
		}
		if raw != "[]" {
			out.blocks, out.sent = blocks, json.RawMessage(raw)
		}
	}
	if raw := c.args["attachments"]; raw != "" && raw != "[]" && raw != "null" {
		if !json.Valid([]byte(raw)) {
			return out, fail("invalid_attachments")
		}
		out.attachments = json.RawMessage(raw)
	}
	if out.text == "" && out.blocks == nil && out.attachments == nil {
		return out, fail("no_text")
	}
	return out, s.addMetadata(c, &out)
}

var eventTypeName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// addMetadata stores the message metadata. If the event_type contains anything except letters, digits, _ and -, it
// drops the metadata with only a warning, as Slack does (https://docs.slack.dev/messaging/message-metadata).
func (s *Server) addMetadata(c *call, out *messageContent) error {
	raw := c.args["metadata"]
	if raw == "" {
		return nil
	}
	var md struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	}
	if err := json.Unmarshal([]byte(raw), &md); err != nil {
		return fail("invalid_metadata_format")
	}
	if !eventTypeName.MatchString(md.EventType) || md.EventPayload == nil {
		c.warnings = append(c.warnings, "invalid_metadata_format")
		return nil
	}
	out.metadata = json.RawMessage(raw)
	return nil
}

// chatPostMessage is https://docs.slack.dev/reference/methods/chat.postMessage.
func (s *Server) chatPostMessage(c *call) (object, error) {
	ch, err := s.writableChannel(c)
	if err != nil {
		return nil, err
	}
	body, err := s.contentOf(c)
	if err != nil {
		return nil, err
	}
	m := &message{Message: Message{User: s.cfg.BotUserID, BotID: s.cfg.BotID}, own: true, appID: s.cfg.AppID}
	if root := ch.existingRoot(c.args["thread_ts"]); root != nil {
		m.ThreadTS, m.Broadcast = root.TS, c.args.isTrue("reply_broadcast")
	}
	m.team = s.cfg.TeamID
	m.set(body)
	s.addMessage(ch, m)
	return object{"channel": ch.ID, "ts": m.TS, "message": s.postedJSON(m)}, nil
}

func (m *message) set(body messageContent) {
	m.Text, m.Blocks, m.Sent, m.Attachments = body.text, body.blocks, body.sent, body.attachments
	if body.metadata != nil {
		m.Metadata = body.metadata
	}
}

// addMessage gives a new message its ts, stores it and sends its events.
func (s *Server) addMessage(ch *channel, m *message) {
	if m.Broadcast && m.isReply() {
		m.Subtype = "thread_broadcast"
	}
	m.TS = ch.nextTS()
	ch.store(m)
	if !s.hasBot(ch) && s.mentionsBot(m) {
		ch.uninvited = append(ch.uninvited, m)
		return
	}
	s.sendNewMessage(ch, m)
}

func (s *Server) postedJSON(m *message) object {
	o := s.messageJSON(m, false)
	if len(m.Metadata) > 0 {
		o["metadata"] = m.Metadata
	}
	return o
}

// chatUpdate is https://docs.slack.dev/reference/methods/chat.update: text without blocks removes the blocks, and a
// message whose blocks change is not marked as edited.
func (s *Server) chatUpdate(c *call) (object, error) {
	ch, err := s.writableChannel(c)
	if err != nil {
		return nil, err
	}
	m := ch.byTS[c.args["ts"]]
	switch {
	case m == nil || m.Deleted:
		return nil, fail("message_not_found")
	case !m.own:
		return nil, fail("cant_update_message")
	case utf8.RuneCountInString(c.args["text"]) > maxUpdateText:
		return nil, fail("msg_too_long")
	}
	body, err := s.contentOf(c)
	if err != nil {
		return nil, err
	}
	before := s.messageJSON(m, true)
	if body.blocks == nil && body.text != m.Text {
		s.markEdited(ch, m, s.cfg.BotUserID)
	}
	m.set(body)
	m.Updates++
	s.sendMessageEvent(ch, s.changedEvent(ch, m, before))
	return object{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": s.postedJSON(m)}, nil
}

// markEdited sets the message's edited field. The timestamp is newer than the last one unless CoarseEdits is set.
func (s *Server) markEdited(ch *channel, m *message, by string) {
	m.EditedBy = by
	if s.cfg.CoarseEdits {
		m.EditedTS = formatTS(time.Now().Unix() * 1_000_000)
		return
	}
	m.EditedTS = ch.nextTS()
}

// chatDelete is https://docs.slack.dev/reference/methods/chat.delete.
func (s *Server) chatDelete(c *call) (object, error) {
	ch, err := s.writableChannel(c)
	if err != nil {
		return nil, err
	}
	m := ch.byTS[c.args["ts"]]
	switch {
	case m == nil || m.Deleted:
		return nil, fail("message_not_found")
	case !m.own:
		return nil, fail("cant_delete_message")
	}
	s.removeMessage(ch, m)
	return object{"channel": ch.ID, "ts": m.TS}, nil
}

// removeMessage deletes a message. A root with replies becomes a tombstone, which is a message_changed event.
func (s *Server) removeMessage(ch *channel, m *message) {
	before := s.messageJSON(m, true)
	m.Deleted = true
	m.Updates++
	if ch.isGone(m) {
		s.sendMessageEvent(ch, s.deletedEvent(ch, m, before))
		return
	}
	s.sendMessageEvent(ch, s.changedEvent(ch, m, before))
}

// chatPostEphemeral is https://docs.slack.dev/reference/methods/chat.postEphemeral.
func (s *Server) chatPostEphemeral(c *call) (object, error) {
	ch, err := s.writableChannel(c)
	if err != nil {
		return nil, err
	}
	user := c.args["user"]
	if s.world.users[user] == nil || !ch.members[user] && ch.User != user {
		return nil, fail("user_not_in_channel")
	}
	body, err := s.contentOf(c)
	if err != nil {
		return nil, err
	}
	e := s.postEphemeral(ch, user, c.args["thread_ts"], body)
	return object{"message_ts": e.TS}, nil
}

func (s *Server) postEphemeral(ch *channel, user, thread string, body messageContent) *Ephemeral {
	e := &Ephemeral{
		Channel: ch.ID, ThreadTS: thread, TS: ch.nextTS(), User: user, Text: body.text, Blocks: body.blocks,
		At: time.Now(), Hidden: thread != "" && !ch.isActive(thread),
	}
	ch.ephemerals[e.TS] = e
	s.records.ephemerals = append(s.records.ephemerals, e)
	return e
}

// chatPermalink is https://docs.slack.dev/reference/methods/chat.getPermalink.
func (s *Server) chatPermalink(c *call) (object, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil {
		return nil, fail("channel_not_found")
	}
	m := ch.byTS[c.args["message_ts"]]
	if m == nil || m.Deleted {
		return nil, fail("message_not_found")
	}
	return object{"channel": ch.ID, "permalink": s.permalink(ch, m)}, nil
}

func (s *Server) teamURL() string {
	return "https://" + s.teamDomain() + ".slack.com/"
}

func (s *Server) teamDomain() string {
	return strings.ToLower(strings.ReplaceAll(s.cfg.TeamName, " ", "-"))
}

// bareAmpersand matches an ampersand; Slack escapes one in a message's text that is not escaped yet.
var bareAmpersand = regexp.MustCompile(`&(amp;|lt;|gt;)?`)

func escapeText(text string) string {
	return bareAmpersand.ReplaceAllStringFunc(text, func(s string) string {
		if s == "&" {
			return "&amp;"
		}
		return s
	})
}
