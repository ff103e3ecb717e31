package playground

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// place has the people and the conversations. It doesn't change after settle.
type place struct {
	bot      person
	people   []person // people that the page's user can act as
	ci       person
	channels []room
	direct   map[string]string // each person's direct message with the bot, by the person's id
}

type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Guest bool   `json:"guest,omitempty"`
}

type room struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Topic string `json:"topic"`
}

// settle adds three teammates, a guest, a build server that posts, and two channels with messages from before the
// bridge was added.
func settle(slack *slacktest.Server) (place, error) {
	p := place{direct: map[string]string{}}
	add := func(u slacktest.User) person {
		u = slack.AddUser(u)
		return person{ID: u.ID, Name: u.RealName, Guest: u.IsRestricted}
	}
	for _, u := range []slacktest.User{{Name: "ann"}, {Name: "bob"}, {Name: "cleo"}, {Name: "kim", IsRestricted: true}} {
		p.people = append(p.people, add(u))
	}
	p.ci = add(slacktest.User{Name: "ci", RealName: "CI", IsBot: true, BotID: "B0CI", AppID: "A0CI"})
	cfg := slack.Config()
	p.bot = person{ID: cfg.BotUserID, Name: cfg.BotName}
	for _, c := range []slacktest.Channel{
		{Name: "dev", Topic: "The shop's code"}, {Name: "alerts", Topic: "What the machines say"},
	} {
		c = slack.AddChannel(c)
		p.channels = append(p.channels, room{ID: c.ID, Name: c.Name, Topic: c.Topic})
	}
	for _, who := range p.people {
		id, err := slack.DM(who.ID)
		if err != nil {
			return p, err
		}
		p.direct[who.ID] = id
	}
	return p, p.seed(slack)
}

// seed sends some messages, so that a mention has something to refer to.
func (p place) seed(slack *slacktest.Server) error {
	dev, alerts := p.channels[0].ID, p.channels[1].ID
	root := ""
	for _, s := range []struct {
		who     person
		channel string
		text    string
		opts    []slacktest.SayOption
	}{
		{p.people[1], dev, "Morning! The release goes out on Thursday.", nil},
		{p.ci, dev, "TestLogin failed on `main`, for the third time this week.", []slacktest.SayOption{slacktest.WithSubtype("bot_message")}},
		{p.people[1], dev, "It never fails on my machine.", []slacktest.SayOption{slacktest.InThread("")}},
		{p.people[2], dev, "Only around midnight, it seems.", []slacktest.SayOption{slacktest.InThread("")}},
		{p.ci, alerts, "*High error rate* on `checkout`: 4.2 % of requests answer 500 since the last deploy.", []slacktest.SayOption{slacktest.WithSubtype("bot_message")}},
	} {
		opts := s.opts
		if s.who.ID != p.ci.ID && len(opts) > 0 {
			opts = []slacktest.SayOption{slacktest.InThread(root)}
		}
		ts, err := slack.Say(s.who.ID, s.channel, s.text, append(opts, slacktest.WithoutEvents())...)
		if err != nil {
			return err
		}
		root = ts
	}
	return nil
}

// all returns all conversations.
func (p place) all() []string {
	var ids []string
	for _, c := range p.channels {
		ids = append(ids, c.ID)
	}
	for _, who := range p.people {
		ids = append(ids, p.direct[who.ID])
	}
	return ids
}

func (p place) everybody() []person { return append([]person{p.bot, p.ci}, p.people...) }

func (p place) user(id string) string {
	for _, who := range p.everybody() {
		if who.ID == id {
			return who.Name
		}
	}
	return id
}

func (p place) channel(id string) string {
	for _, c := range p.channels {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

var (
	// address matches what people type and Slack's clients turn into an entity.
	address = regexp.MustCompile(`(^|[\s(])(https?://[^\s<>]*[^\s<>.,;:!?)]|[@#][\pL\pN_-]+)`)
	bullet  = regexp.MustCompile(`(?m)^[-*] `)
	entity  = regexp.MustCompile(`<([^<>\n]+)>`)
)

// markup returns what Slack's clients send for a typed text.
func (p place) markup(typed string) string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed)
	text = bullet.ReplaceAllString(text, "• ")
	return address.ReplaceAllStringFunc(text, func(found string) string {
		m := address.FindStringSubmatch(found)
		word := m[2]
		name := strings.TrimRight(word[1:], "-_")
		for _, who := range p.everybody() {
			if word[0] == '@' && strings.EqualFold(name, who.Name) {
				return m[1] + "<@" + who.ID + ">" + word[1+len(name):]
			}
		}
		for _, c := range p.channels {
			if word[0] == '#' && strings.EqualFold(name, c.Name) {
				return m[1] + "<#" + c.ID + ">" + word[1+len(name):]
			}
		}
		if strings.HasPrefix(word, "http") {
			return m[1] + "<" + word + ">"
		}
		return found
	})
}

// typed is the reverse of markup: the text that a person sees when editing a message.
func (p place) typed(markup string) string {
	text := entity.ReplaceAllStringFunc(markup, func(e string) string {
		id, label, _ := strings.Cut(e[1:len(e)-1], "|")
		switch id[0] {
		case '@', '#':
			return id[:1] + cmp.Or(label, p.user(p.channel(id[1:])))
		default:
			return id
		}
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}
