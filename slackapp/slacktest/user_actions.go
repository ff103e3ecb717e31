package slacktest

import (
	"encoding/json"
	"fmt"
)

// SayOption is an option of Say.
type SayOption func(*sayOptions)

type sayOptions struct {
	thread        string
	files         []File
	blocks        json.RawMessage
	attachments   json.RawMessage
	subtype       string
	noBlocks      bool
	broadcast     bool
	withoutEvents bool
	preview       previewTime
	sparseMention bool
}

// previewTime says when Slack adds the previews of the permalinks in a message.
type previewTime int

const (
	previewNext previewTime = iota // by a message_changed that follows
	previewAtOnce
	previewNever
)

// InThread makes the message a reply in the thread of the message with that ts.
func InThread(ts string) SayOption { return func(o *sayOptions) { o.thread = ts } }

// Broadcast sends a reply to the channel too (subtype thread_broadcast).
func Broadcast() SayOption { return func(o *sayOptions) { o.broadcast = true } }

// WithFiles shares files with the message (subtype file_share).
func WithFiles(files ...File) SayOption {
	return func(o *sayOptions) { o.files = append(o.files, files...) }
}

// WithBlocks sets the blocks, as JSON, instead of the rich text that Slack's clients make of the text.
func WithBlocks(blocks json.RawMessage) SayOption { return func(o *sayOptions) { o.blocks = blocks } }

// WithoutBlocks sends the text alone, as old clients and integrations do.
func WithoutBlocks() SayOption { return func(o *sayOptions) { o.noBlocks = true } }

// WithAttachments sets legacy attachments, as JSON, like those of alerting apps.
func WithAttachments(a json.RawMessage) SayOption { return func(o *sayOptions) { o.attachments = a } }

// WithSubtype sets a subtype such as me_message, channel_join or bot_message.
func WithSubtype(subtype string) SayOption { return func(o *sayOptions) { o.subtype = subtype } }

// WithoutEvents sends no event for the message, as if the events were lost. History has the message.
func WithoutEvents() SayOption { return func(o *sayOptions) { o.withoutEvents = true } }

// PreviewAtOnce puts the previews of permalinks into the message's own events instead of a message_changed that
// follows.
func PreviewAtOnce() SayOption { return func(o *sayOptions) { o.preview = previewAtOnce } }

// WithoutPreview leaves the previews of permalinks to Unfurl.
func WithoutPreview() SayOption { return func(o *sayOptions) { o.preview = previewNever } }

// SparseMention makes the app_mention arrive first, without files, blocks and attachments.
func SparseMention() SayOption { return func(o *sayOptions) { o.sparseMention = true } }

// Say posts a message of a person, or of another bot, and returns its ts. The text is Slack markup as in the protocol:
// <@U0AGEN>, <https://…|label>, &amp; for &. The author becomes a member of the channel.
//
// The app gets the events that Slack sends. For a mention these are message and app_mention, in any order and with
// different event ids. In a channel without the app there is no event until the app is invited, and then app_mention.
// The previews of permalinks follow by a message_changed without `edited`.
//
// The errors are ErrNoUser, ErrNoChannel, and ErrNoMessage if the thread doesn't exist.
func (s *Server) Say(user, channelID, text string, opts ...SayOption) (string, error) {
	var o sayOptions
	for _, opt := range opts {
		opt(&o)
	}
	s.mu.Lock()
	defer s.unlock()
	ch, err := s.channelOf(channelID)
	if err != nil {
		return "", fmt.Errorf("say: %w", err)
	}
	u, err := s.userOf(user)
	if err != nil {
		return "", fmt.Errorf("say: %w", err)
	}
	m := &message{
		Message: Message{
			User: u.ID, BotID: u.BotID, Text: text, Blocks: o.blocks, Attachments: o.attachments, Subtype: o.subtype,
			Broadcast: o.broadcast,
		},
		appID: u.AppID, team: u.TeamID, own: u.ID == s.cfg.BotUserID, sparseMention: o.sparseMention,
	}
	if !u.IsBot {
		ch.members[u.ID] = true
	}
	if o.thread != "" {
		root, ok := ch.rootOf(o.thread)
		if !ok {
			return "", fmt.Errorf("say in thread %s: %w", o.thread, ErrNoMessage)
		}
		m.ThreadTS = root
	}
	if !u.IsBot {
		m.clientMsgID = s.newUUID()
		if o.blocks == nil && !o.noBlocks {
			m.Blocks = richText(text, s.shortID())
		}
	}
	for _, f := range o.files {
		m.Files = append(m.Files, s.addFile(f, u.ID))
		m.Subtype = "file_share"
	}
	if o.preview == previewAtOnce {
		s.unfurlPermalinks(m)
	}
	if o.withoutEvents {
		m.TS = ch.nextTS()
		ch.store(m)
		return m.TS, nil
	}
	s.addMessage(ch, m)
	if before := s.messageJSON(m, true); o.preview == previewNext && s.unfurlPermalinks(m) {
		s.sendMessageEvent(ch, s.changedEvent(ch, m, before))
	}
	return m.TS, nil
}

// DM returns the id of the direct message channel between the app and a user. It is opened if there is none.
func (s *Server) DM(user string) (string, error) {
	s.mu.Lock()
	defer s.unlock()
	u, err := s.userOf(user)
	if err != nil {
		return "", fmt.Errorf("open a direct conversation: %w", err)
	}
	return s.imWith(u).ID, nil
}

// existingMessage returns a message that was not deleted. s.mu is held.
func (s *Server) existingMessage(channelID, ts string) (*channel, *message, error) {
	ch, err := s.channelOf(channelID)
	if err != nil {
		return nil, nil, err
	}
	m := ch.byTS[ts]
	if m == nil || m.Deleted {
		return nil, nil, fmt.Errorf("message %s: %w", ts, ErrNoMessage)
	}
	return ch, m, nil
}

// Edit changes the text of the user's own message. The app gets message_changed and, when the new text mentions it,
// app_mention again with a new event id, the same ts and `edited`.
func (s *Server) Edit(user, channelID, ts, text string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return fmt.Errorf("edit: %w", err)
	}
	if m.User != user {
		return fmt.Errorf("edit %s: %w", ts, ErrNotAuthor)
	}
	before := s.messageJSON(m, true)
	m.Text = text
	if m.clientMsgID != "" {
		m.Blocks = richText(text, s.shortID())
	}
	m.Updates++
	s.markEdited(ch, m, user)
	tells := []func(){func() { s.sendMessageEvent(ch, s.changedEvent(ch, m, before)) }}
	if s.mentionsBot(m) && ch.Kind != IM && !m.own {
		tells = append(tells, func() {
			o := s.mentionEvent(ch, m)
			o["event_ts"] = ch.nextTS()
			s.sendMessageEvent(ch, o)
		})
	}
	s.rng.Shuffle(len(tells), func(i, j int) { tells[i], tells[j] = tells[j], tells[i] })
	for _, tell := range tells {
		tell()
	}
	return nil
}

// Delete deletes a message; the user is its author or an admin. A root with replies stays as a tombstone, and the app
// gets message_changed with subtype tombstone.
func (s *Server) Delete(user, channelID, ts string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if u := s.world.users[user]; m.User != user && (u == nil || !u.IsAdmin) {
		return fmt.Errorf("delete %s: %w", ts, ErrNotAuthor)
	}
	s.removeMessage(ch, m)
	return nil
}

// React adds a person's emoji to a message; Unreact removes it.
func (s *Server) React(user, channelID, ts, name string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return fmt.Errorf("react: %w", err)
	}
	return s.react(ch, m, user, name)
}

// Unreact removes a person's emoji from a message.
func (s *Server) Unreact(user, channelID, ts, name string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return fmt.Errorf("unreact: %w", err)
	}
	return s.unreact(ch, m, user, name)
}
