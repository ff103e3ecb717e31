package slackapp

import (
	"encoding/json"

	"github.com/agenbridge/agenbridge/bridge"
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
	if err := json.Unmarshal(payload, &i); err != nil {
		return press{}, IgnoredMalformed
	}
	if i.Type.V != "block_actions" || len(i.Actions.V) == 0 {
		return press{}, IgnoredType
	}
	in, msg, act := i.Container.V, i.Message.V, i.Actions.V[0]
	// The team may be that of whoever clicked; a post with our bot's id is of our installation.
	from := origin{Team: i.Team.V.ID, Enterprise: i.Enterprise.V.ID}
	if !r.self.owns(from) && msg.BotID.V != r.self.Bot {
		return press{}, IgnoredWorkspace
	}
	at := setting{channel: first(in.Channel.V, i.Channel.V.ID.V)}
	root := first(first(msg.ThreadTS.V, in.ThreadTS.V), first(msg.TS.V, in.TS.V))
	user := i.User.V.ID.V
	if !validID(at.channel) || !validID(user) || !bridge.ValidTS(root) || act.ID.V == "" {
		return press{}, IgnoredMalformed
	}
	key, action := act.Value.V, act.ID.V
	if option := act.Selected.V.Value.V; option != "" { // from a list: its block carries the post's key
		key, action = act.Block.V, option
	}
	where := place{at.channel, root}
	answer := body{User: user, Channel: at.channel, TS: act.TS.V, Root: root}
	return press{at: at, click: bridge.Click{
		Thread: where.key(r.self.Team), Post: key, Action: action, By: user, TS: act.TS.V, Body: answer.encode(),
		Refused: r.gate.refusesAt(at, user),
	}}, ""
}
