package slacktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Errors of actions that aren't possible. They are mistakes of the test, not of the app under test.
var (
	ErrNoUser    = errors.New("no such user")
	ErrNoChannel = errors.New("no such channel")
	ErrNoMessage = errors.New("no such message")
	ErrNotAuthor = errors.New("not the author's message")
	ErrNoButton  = errors.New("no such button")
	ErrNoSocket  = errors.New("no socket is open")
)

// User is a person or a bot (https://docs.slack.dev/reference/objects/user-object).
type User struct {
	// ID defaults to U0 and the name in upper case, TeamID to the workspace, RealName to the name with a capital
	// letter.
	ID, TeamID, Name, RealName string
	// DisplayName may hold anything people type: newlines, markup, nothing.
	DisplayName string
	Email       string
	// IsRestricted marks a guest, IsUltraRestricted a guest of one channel, IsStranger a person of another
	// organization (https://docs.slack.dev/apis/slack-connect), Deleted a deactivated account.
	IsRestricted, IsUltraRestricted, IsStranger, Deleted, IsAdmin bool
	// IsBot marks a bot user, with the ids of its bot and app.
	IsBot        bool
	BotID, AppID string
}

// Group is a user group; its handle is what people type after the @.
type Group struct {
	ID, Handle, Name string
	Users            []string
	Disabled         bool
}

// ChannelKind is the kind of a conversation.
type ChannelKind int

// The four kinds of conversations; the zero value is Public.
const (
	Public ChannelKind = iota
	Private
	IM
	MPIM
)

// Channel is a conversation (https://docs.slack.dev/reference/objects/conversation-object).
type Channel struct {
	// ID defaults to C0 or G0 (mpim) and the name in upper case, for an im to D0 and the user's name. TeamID defaults
	// to the workspace.
	ID, TeamID, Name string
	Kind             ChannelKind
	// HostTeamID is the organization that owns a shared channel: the event's team_id, while context_team_id stays
	// the app's workspace. Empty means ours.
	HostTeamID                                                          string
	IsArchived, IsExtShared, IsPendingExtShared, IsOrgShared, IsGeneral bool
	// Members are user ids; nil means everybody the server knows when the channel is added.
	Members []string
	// WithoutBot leaves the app out; otherwise it is a member.
	WithoutBot bool
	// User is the other side of an IM.
	User string
	// Topic and Purpose are shown by conversations.info.
	Topic, Purpose string
}

type world struct {
	users    map[string]*User
	groups   map[string]*Group
	channels map[string]*channel
	order    []string // channel ids in the order they were added
	files    map[string]*File
}

// channel is a Channel with its messages.
type channel struct {
	Channel
	created    int64
	members    map[string]bool
	lastTS     int64      // microseconds of the newest ts given out
	messages   []*message // ascending by ts, deleted ones too
	byTS       map[string]*message
	replies    map[string][]*message // by the root's ts
	uninvited  []*message            // mentions from before the app was invited
	ephemerals map[string]*Ephemeral
}

func newWorld() world {
	return world{
		users:    map[string]*User{},
		groups:   map[string]*Group{},
		channels: map[string]*channel{},
		files:    map[string]*File{},
	}
}

// AddUser adds a person, or replaces one with the same ID, and returns it with defaults filled in.
func (s *Server) AddUser(u User) User {
	if u.ID == "" {
		u.ID = "U0" + strings.ToUpper(u.Name)
	}
	if u.Name == "" {
		u.Name = strings.ToLower(u.ID)
	}
	if u.TeamID == "" {
		u.TeamID = s.cfg.TeamID
	}
	if u.RealName == "" && u.Name != "" {
		u.RealName = strings.ToUpper(u.Name[:1]) + u.Name[1:]
	}
	s.mu.Lock()
	defer s.unlock()
	s.world.users[u.ID] = &u
	return u
}

// AddGroup adds or replaces a user group.
func (s *Server) AddGroup(g Group) Group {
	if g.ID == "" {
		g.ID = "S0" + strings.ToUpper(g.Handle)
	}
	if g.Name == "" {
		g.Name = g.Handle
	}
	s.mu.Lock()
	defer s.unlock()
	s.world.groups[g.ID] = &g
	return g
}

// AddChannel adds a conversation, or changes the flags and members of one with the same ID, and returns it with
// defaults filled in.
func (s *Server) AddChannel(c Channel) Channel {
	if c.ID == "" {
		prefix := map[ChannelKind]string{Public: "C0", Private: "C0", MPIM: "G0"}[c.Kind]
		c.ID = prefix + strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(c.Name))
		if c.Kind == IM {
			c.ID = imID(c.User)
		}
	}
	if c.TeamID == "" {
		c.TeamID = s.cfg.TeamID
	}
	s.mu.Lock()
	defer s.unlock()
	return s.addChannel(c).Channel
}

// imID is the id of the direct conversation with a user: D0ANN for U0ANN.
func imID(user string) string {
	if user == "" {
		return "D0"
	}
	return "D0" + strings.TrimPrefix(user[1:], "0")
}

func (s *Server) addChannel(c Channel) *channel {
	if c.Members == nil {
		if c.Kind == IM {
			c.Members = []string{c.User}
		} else {
			for id := range s.world.users {
				if id != s.cfg.BotUserID && id != slackbot {
					c.Members = append(c.Members, id)
				}
			}
			slices.Sort(c.Members)
		}
	}
	ch := s.world.channels[c.ID]
	if ch == nil {
		ch = &channel{
			created: time.Now().Unix(), byTS: map[string]*message{}, replies: map[string][]*message{},
			ephemerals: map[string]*Ephemeral{},
		}
		s.world.channels[c.ID] = ch
		s.world.order = append(s.world.order, c.ID)
	}
	ch.Channel = c
	ch.members = set(c.Members)
	if c.WithoutBot {
		delete(ch.members, s.cfg.BotUserID)
	} else {
		ch.members[s.cfg.BotUserID] = true
	}
	return ch
}

// channelOf returns a channel that an action of the test names. s.mu is held.
func (s *Server) channelOf(id string) (*channel, error) {
	ch := s.world.channels[id]
	if ch == nil {
		return nil, fmt.Errorf("channel %q: %w", id, ErrNoChannel)
	}
	return ch, nil
}

// userOf returns a user that an action of the test names. s.mu is held.
func (s *Server) userOf(id string) (*User, error) {
	u := s.world.users[id]
	if u == nil {
		return nil, fmt.Errorf("user %q: %w", id, ErrNoUser)
	}
	return u, nil
}

// nextTS returns the next message ts of a channel: the clock in microseconds, or one more than the last.
func (ch *channel) nextTS() string {
	ch.lastTS = max(time.Now().UnixMicro(), ch.lastTS+1)
	return formatTS(ch.lastTS)
}

func formatTS(micros int64) string {
	return fmt.Sprintf("%d.%06d", micros/1_000_000, micros%1_000_000)
}

// hasBot reports whether the app is a member.
func (s *Server) hasBot(ch *channel) bool { return ch.members[s.cfg.BotUserID] }

// typeName is the channel_type of message events, and the scope's first word.
func (ch *channel) typeName() string {
	return map[ChannelKind]string{Public: "channel", Private: "group", IM: "im", MPIM: "mpim"}[ch.Kind]
}

// scopeName is the first word of the channel's scopes: channels, groups, im, mpim.
func (ch *channel) scopeName() string {
	return map[ChannelKind]string{Public: "channels", Private: "groups", IM: "im", MPIM: "mpim"}[ch.Kind]
}

// newID returns a random id in Slack's form: the prefix and eleven characters. s.mu is held.
func (s *Server) newID(prefix string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := []byte(prefix + "0")
	for range 10 {
		b = append(b, digits[s.rng.IntN(len(digits))])
	}
	return string(b)
}
