package slackapp

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// buttonClick is a click before the second half of the gate.
type buttonClick struct {
	click bridge.Click
	at    eventContext
}

// parseClick reads the payload of an interactive envelope; what is no click on a button of ours comes with the reason to
// ignore it. Somebody of another organisation can press buttons, too.
func (r eventParser) parseClick(payload []byte) (buttonClick, string) {
	var i interaction
	if err := slackjson.Unmarshal(payload, &i); err != nil {
		return buttonClick{}, IgnoredMalformed
	}
	if i.Type != "block_actions" || len(i.Actions) == 0 {
		return buttonClick{}, IgnoredType
	}
	in, msg, act := i.Container, i.Message, i.Actions[0]
	// The team may be that of whoever clicked; a post with our bot's id is of our installation.
	from := workspace{Team: i.Team.ID, Enterprise: i.Enterprise.ID}
	if !r.identity.owns(from) && msg.BotID != r.identity.Bot {
		return buttonClick{}, IgnoredWorkspace
	}
	at := eventContext{channel: cmp.Or(in.Channel, i.Channel.ID)}
	root := cmp.Or(msg.ThreadTS, in.ThreadTS, cmp.Or(msg.TS, in.TS))
	user := i.User.ID
	if !validID(at.channel) || !validID(user) || !bridge.ValidTS(root) || act.ID == "" {
		return buttonClick{}, IgnoredMalformed
	}
	key, action := act.Value, act.ID
	if option := act.Selected.Value; option != "" { // from a list: its block carries the post's key
		key, action = act.Block, option
	}
	where := location{at.channel, root}
	answer := messageBody{User: user, Channel: at.channel, TS: act.TS, Root: root}
	return buttonClick{at: at, click: bridge.Click{
		Thread: where.key(r.identity.Team), Post: key, Action: action, By: user, TS: act.TS, Body: answer.encode(),
		Refused: r.gate.refusal(at, user),
	}}, ""
}
