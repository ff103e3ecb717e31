package playground

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// messagePart is a message as the page shows it.
type messagePart struct {
	Channel   string          `json:"channel"`
	TS        string          `json:"ts"`
	Thread    string          `json:"thread,omitempty"` // of a reply: the root's ts
	User      string          `json:"user"`
	Name      string          `json:"name"`
	App       bool            `json:"app,omitempty"`
	For       string          `json:"for,omitempty"` // only this person sees it
	Body      json.RawMessage `json:"body,omitempty"`
	Plain     string          `json:"plain,omitempty"` // the beginning, for those who listen
	Source    string          `json:"source,omitempty"`
	Reactions []reactionPart  `json:"reactions,omitempty"`
	Edited    bool            `json:"edited,omitempty"`
	Deleted   bool            `json:"deleted,omitempty"`
	Stands    deliveryStatus  `json:"stands,omitempty"`
}

type reactionPart struct {
	Name  string   `json:"name"`
	Sign  string   `json:"sign"`
	Users []string `json:"users"`
}

// faultsPart is the faults that are switched on.
type faultsPart struct {
	On    map[string]bool `json:"on"`
	Since int64           `json:"since,omitempty"` // milliseconds
}

// parts returns everything that the page shows, by key.
func (p *Playground) parts() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	put := func(key string, value any) { all[key] = encode(value) }
	on, since := p.faults.now()
	w := faultsPart{On: on}
	if !since.IsZero() {
		w.Since = since.UnixMilli()
	}
	put("weather", w)
	put("bridge", p.bridge.part(len(p.cfg.Slack.Sockets())))
	put("ledger", p.messages(put))
	p.wire(put)
	return all
}

// messages puts all messages, and returns a summary of their delivery.
func (p *Playground) messages(put func(string, any)) deliverySummary {
	private := p.cfg.Slack.Ephemerals("")
	j := p.newDeliveryCheck(private)
	var sum deliverySummary
	for _, channel := range p.place.all() {
		messages := p.cfg.Slack.Messages(channel)
		for _, m := range messages {
			j.learn(m)
		}
		for _, m := range messages {
			part := p.message(m)
			if !part.App {
				part.Stands = j.status(m)
				sum.add(part.Stands)
			}
			put("m:"+m.Channel+":"+m.TS, part)
		}
	}
	for _, e := range private {
		put("m:"+e.Channel+":"+e.TS, p.private(e))
	}
	return sum
}

func (p *Playground) message(m slacktest.Message) messagePart {
	part := messagePart{
		Channel: m.Channel, TS: m.TS, User: m.User, Name: p.place.user(m.User), App: m.BotID != "",
		Edited: m.EditedTS != "" && m.BotID == "", Deleted: m.Deleted,
	}
	if m.ThreadTS != m.TS {
		part.Thread = m.ThreadTS
	}
	if m.Deleted {
		return part
	}
	blocks := m.Blocks
	if len(m.Sent) > 0 {
		blocks = m.Sent
	}
	part.Body, part.Plain = p.shown.body(m.Channel+m.TS, blocks, m.Text, p.place)
	if m.BotID == "" {
		part.Source = p.place.typed(m.Text)
	}
	for _, r := range m.Reactions {
		part.Reactions = append(part.Reactions, reactionPart{r.Name, slacktest.Emoji(r.Name), slices.Clone(r.Users)})
	}
	return part
}

func (p *Playground) private(e slacktest.Ephemeral) messagePart {
	part := messagePart{
		Channel: e.Channel, TS: e.TS, Thread: e.ThreadTS, User: p.place.bot.ID, Name: p.place.bot.Name, App: true,
		For: e.User, Deleted: e.Deleted,
	}
	if !e.Deleted {
		part.Body, part.Plain = p.shown.body(e.Channel+e.TS, e.Blocks, e.Text, p.place)
	}
	return part
}

// shown caches how messages are rendered, because most are unchanged at the next look. Only look uses it.
type shown map[string]look

type look struct {
	from  string // what it was rendered from
	nodes json.RawMessage
	plain string
}

// heard is how much of a message a screen reader announces.
const heard = 200

func (s shown) body(key string, blocks json.RawMessage, text string, n names) (json.RawMessage, string) {
	from := string(blocks) + "\x00" + text
	if old, ok := s[key]; ok && old.from == from {
		return old.nodes, old.plain
	}
	nodes := bodyNodes(blocks, text, n)
	words := []rune(plain(nodes))
	l := look{from: from, nodes: encode(nodes), plain: string(words[:min(heard, len(words))])}
	s[key] = l
	return l.nodes, l.plain
}

// encode returns a value as JSON. Every value here can be encoded.
func encode(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
