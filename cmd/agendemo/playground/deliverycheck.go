package playground

import (
	"strings"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// deliveryStatus says whether a person's message was delivered, judged only by what Agen has and what people see in
// Slack.
type deliveryStatus string

const (
	notForAgen deliveryStatus = ""        // it was not meant to be sent
	onItsWay   deliveryStatus = "way"     // Agen has no copy yet, and nothing says that it won't get one
	arrived    deliveryStatus = "there"   // Agen has one copy
	doubled    deliveryStatus = "doubled" // Agen has more than one
	explained  deliveryStatus = "said"    // Agen has none, and people were told by a reaction or a private note
)

// copies counts the messages that Agen has by their ts.
func copies(server *agentest.Server) map[string]int {
	count := map[string]int{}
	for _, session := range server.Sessions() {
		for _, e := range server.Messages(session.ID) {
			count[e.ClientID]++
		}
	}
	return count
}

// deliveryCheck compares the messages that people sent with those that Agen has.
type deliveryCheck struct {
	place  place
	copies map[string]int
	bound  map[string]bool // threads with the agent in them, by channel and root; true if every reply is relayed
	told   map[string]bool // who got a private note, by channel, thread and person
}

func (p *Playground) newDeliveryCheck(private []slacktest.Ephemeral) deliveryCheck {
	c := deliveryCheck{place: p.place, copies: copies(p.cfg.Agen), bound: map[string]bool{}, told: map[string]bool{}}
	for _, e := range private {
		c.told[e.Channel+e.ThreadTS+e.User] = true
	}
	return c
}

// learn records the threads that the agent takes part in. They have a card, and a button of the card says whether every
// reply is relayed.
func (c deliveryCheck) learn(m slacktest.Message) {
	if m.User != c.place.bot.ID || m.ThreadTS == "" {
		return
	}
	switch blocks := string(m.Blocks); {
	case strings.Contains(blocks, `"action_id":"listen"`):
		c.bound[m.Channel+m.ThreadTS] = false
	case strings.Contains(blocks, `"action_id":"quiet"`):
		c.bound[m.Channel+m.ThreadTS] = true
	}
}

// status returns the delivery status of a person's message.
func (c deliveryCheck) status(m slacktest.Message) deliveryStatus {
	switch n := c.copies[m.TS]; {
	case n > 1:
		return doubled
	case n == 1:
		return arrived
	case m.Deleted || !c.addressed(m):
		return notForAgen
	case c.sign(m) || c.told[m.Channel+root(m)+m.User] || c.told[m.Channel+m.TS+m.User]:
		return explained
	}
	return onItsWay
}

// sign reports whether the bot added its reaction for a failure to the message.
func (c deliveryCheck) sign(m slacktest.Message) bool {
	for _, r := range m.Reactions {
		for _, who := range r.Users {
			if r.Name == "warning" && who == c.place.bot.ID {
				return true
			}
		}
	}
	return false
}

// addressed reports whether a message is meant for the agent, by the rules in the help text.
func (c deliveryCheck) addressed(m slacktest.Message) bool {
	mention := "<@" + c.place.bot.ID + ">"
	mentioned := strings.Contains(m.Text, mention)
	text := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(m.Text, mention, "")))
	switch text {
	case "", "help", "status", "list", "quiet", "listen", "stop", "new", "retry":
		return false
	}
	if strings.HasPrefix(text, "!aside") || strings.HasPrefix(text, "link ") {
		return false
	}
	if mentioned || strings.HasPrefix(m.Channel, "D") {
		return true
	}
	return c.bound[m.Channel+m.ThreadTS] && !strings.HasPrefix(text, "<@")
}

func root(m slacktest.Message) string {
	if m.ThreadTS != "" {
		return m.ThreadTS
	}
	return m.TS
}

// deliverySummary counts the messages by their delivery status.
type deliverySummary struct {
	Asked   int `json:"asked"` // for the agent
	There   int `json:"there"`
	Way     int `json:"way"`
	Said    int `json:"said"`
	Doubled int `json:"doubled"`
}

func (l *deliverySummary) add(s deliveryStatus) {
	switch s {
	case notForAgen:
		return
	case onItsWay:
		l.Way++
	case arrived:
		l.There++
	case doubled:
		l.Doubled++
	case explained:
		l.Said++
	}
	l.Asked++
}
