package slacktest

import (
	"fmt"
	"regexp"
	"strings"
)

// permalink finds a link to a message, as chat.getPermalink gives it. Its groups are the channel and the ts without its
// point.
var permalink = regexp.MustCompile(`https://[a-z0-9.-]+\.slack\.com/archives/([CDG][A-Z0-9]+)/p(\d+)(\d{6})`)

// Permalink returns the link to a message. The error is ErrNoChannel or ErrNoMessage.
func (s *Server) Permalink(channelID, ts string) (string, error) {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return "", fmt.Errorf("link: %w", err)
	}
	return s.permalink(ch, m), nil
}

func (s *Server) permalink(ch *channel, m *message) string {
	link := s.teamURL() + "archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.isReply() {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return link
}

// Unfurl adds link previews to a message, which is message_changed without a new `edited`. The preview of a permalink
// shows the message that it links to.
func (s *Server) Unfurl(channelID, ts string, links ...string) error {
	s.mu.Lock()
	defer s.unlock()
	ch, m, err := s.existingMessage(channelID, ts)
	if err != nil {
		return fmt.Errorf("unfurl: %w", err)
	}
	before := s.messageJSON(m, true)
	var previews []object
	for _, link := range links {
		previews = append(previews, s.preview(len(previews)+1, link))
	}
	m.Attachments = encode(previews)
	m.Updates++
	s.sendMessageEvent(ch, s.changedEvent(ch, m, before))
	return nil
}

// unfurlPermalinks adds the previews of the permalinks in a message, and reports whether there are any.
func (s *Server) unfurlPermalinks(m *message) bool {
	var previews []object
	for _, link := range permalink.FindAllString(m.Text, -1) {
		if _, at := s.linked(link); at != nil {
			previews = append(previews, s.preview(len(previews)+1, link))
		}
	}
	if len(previews) > 0 && len(m.Attachments) == 0 {
		m.Attachments = encode(previews)
		return true
	}
	return false
}

func (s *Server) preview(id int, link string) object {
	if ch, m := s.linked(link); m != nil {
		a := s.messageAttachment(ch, m)
		a["id"] = id
		return a
	}
	return object{
		"id": id, "from_url": link, "original_url": link, "fallback": link, "title": "A page", "title_link": link,
		"text": "What the page says of itself.", "service_name": "Example",
	}
}

// linked returns the message that a permalink links to, or nil if there is none.
func (s *Server) linked(link string) (*channel, *message) {
	found := permalink.FindStringSubmatch(link)
	if found == nil || s.world.channels[found[1]] == nil {
		return nil, nil
	}
	ch := s.world.channels[found[1]]
	m := ch.byTS[found[2]+"."+found[3]]
	if m == nil || m.Deleted {
		return nil, nil
	}
	return ch, m
}

// messageAttachment returns a message as an attachment of another one: the preview of a permalink. For a forwarded
// message is_share is set as well. Slack doesn't document these attachments; the fields are those of messages in a real
// workspace.
func (s *Server) messageAttachment(ch *channel, m *message) object {
	link := s.permalink(ch, m)
	name := m.User
	if u := s.world.users[m.User]; u != nil {
		name = u.RealName
	}
	inner := object{}
	if len(m.Blocks) > 0 {
		inner["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		inner["attachments"] = m.Attachments
	}
	a := object{
		"id": 1, "ts": m.TS, "channel_id": ch.ID, "channel_team": ch.TeamID, "is_msg_unfurl": true,
		"author_id": m.User, "author_name": name, "author_subname": name, "from_url": link, "original_url": link,
		"fallback": "[" + m.TS + "] " + name + ": " + m.Text, "text": m.Text, "footer": "Slack Conversation",
		"mrkdwn_in":      []string{"text"},
		"message_blocks": []object{{"team": ch.TeamID, "channel": ch.ID, "ts": m.TS, "message": inner}},
	}
	if len(m.Files) > 0 {
		files := make([]object, 0, len(m.Files))
		for _, f := range m.Files {
			files = append(files, s.fileJSON(f, false))
		}
		a["files"] = files
	}
	return a
}

// Forward has a person forward a message to another conversation, with a text of their own that may be empty, and returns
// the ts of the new message. The errors are those of Say.
func (s *Server) Forward(user, fromChannel, ts, toChannel, text string, opts ...SayOption) (string, error) {
	s.mu.Lock()
	ch, m, err := s.existingMessage(fromChannel, ts)
	if err != nil {
		s.unlock()
		return "", fmt.Errorf("forward: %w", err)
	}
	share := s.messageAttachment(ch, m)
	share["is_share"] = true
	s.unlock()
	return s.Say(user, toChannel, text, append(opts, WithAttachments(encode([]object{share})))...)
}
