package slackapp

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// press is a click before the second half of the gate.
type press struct {
	click bridge.Click
	at    setting
}

// click reads the payload of an interactive envelope; what is no click on a button of ours comes with the reason to
// ignore it. Somebody of another organisation can press buttons, too.
func (r reader) click(payload []byte) (press, string) {
	var i interaction
	if err := slackjson.Unmarshal(payload, &i); err != nil {
		return press{}, IgnoredMalformed
	}
	if i.Type != "block_actions" || len(i.Actions) == 0 {
		return press{}, IgnoredType
	}
	in, msg, act := i.Container, i.Message, i.Actions[0]
	// The team may be that of whoever clicked; a post with our bot's id is of our installation.
	from := origin{Team: i.Team.ID, Enterprise: i.Enterprise.ID}
	if !r.self.owns(from) && msg.BotID != r.self.Bot {
		return press{}, IgnoredWorkspace
	}
	at := setting{channel: cmp.Or(in.Channel, i.Channel.ID)}
	root := cmp.Or(msg.ThreadTS, in.ThreadTS, cmp.Or(msg.TS, in.TS))
	user := i.User.ID
	if !validID(at.channel) || !validID(user) || !bridge.ValidTS(root) || act.ID == "" {
		return press{}, IgnoredMalformed
	}
	key, action := act.Value, act.ID
	if option := act.Selected.Value; option != "" { // from a list: its block carries the post's key
		key, action = act.Block, option
	}
	where := place{at.channel, root}
	answer := body{User: user, Channel: at.channel, TS: act.TS, Root: root}
	return press{at: at, click: bridge.Click{
		Thread: where.key(r.self.Team), Post: key, Action: action, By: user, TS: act.TS, Body: answer.encode(),
		Refused: r.gate.refusesAt(at, user),
	}}, ""
}
