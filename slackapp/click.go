package slackapp

import (
	"cmp"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// buttonClick is a click that has passed only the first half of the gate.
type buttonClick struct {
	click bridge.Click
	at    eventContext
}

// parseClick parses the payload of an interactive envelope. If it isn't a click on a button of ours, it returns the reason
// to ignore it. People of other organizations can click, too.
func (p eventParser) parseClick(payload []byte) (buttonClick, string) {
	var i interaction
	if err := slackjson.Unmarshal(payload, &i); err != nil {
		return buttonClick{}, IgnoredMalformed
	}
	if i.Type != "block_actions" || len(i.Actions) == 0 {
		return buttonClick{}, IgnoredType
	}
	if p.identity.isOtherApp(i.AppID) {
		return buttonClick{}, IgnoredOtherApp
	}
	in, msg, act := i.Container, i.Message, i.Actions[0]
	// The team may be that of the person who clicked. A post with our bot's id belongs to our installation.
	from := workspace{Team: i.Team.ID, Enterprise: i.Enterprise.ID}
	if !p.identity.owns(from) && msg.BotID != p.identity.Bot {
		return buttonClick{}, IgnoredWorkspace
	}
	at := eventContext{channel: cmp.Or(in.Channel, i.Channel.ID)}
	value, action := act.Value, act.ID
	if option := act.Selected.Value; option != "" { // in a menu the block has the post's key
		value, action = act.Block, option
	}
	root, key := splitButtonValue(value)
	root = cmp.Or(root, msg.ThreadTS, in.ThreadTS, msg.TS, in.TS)
	user := i.User.ID
	if !validID(at.channel) || !validID(user) || !bridge.ValidTS(root) || act.ID == "" {
		return buttonClick{}, IgnoredMalformed
	}
	where := location{at.channel, root}
	answer := messageBody{User: user, Channel: at.channel, TS: act.TS, Root: root}
	return buttonClick{at: at, click: bridge.Click{
		Thread: where.key(p.identity.Team), Post: key, Action: action, By: user, TS: act.TS, Body: answer.encode(),
		Refused: p.gate.refusal(at, user), ResponseURL: i.ResponseURL,
	}}, ""
}
