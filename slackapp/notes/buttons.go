package notes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// button renders an action that the note offers. Its label is a verb.
func button(n *bridge.Note, action string) bridge.Button {
	b := bridge.Button{Action: action}
	switch action {
	case bridge.ActionDrop:
		b.Label = plural(n.Count, "Don't send it", "Don't send them")
	case bridge.ActionRetry:
		b.Label, b.Primary = "Try again", true
	case bridge.ActionDismiss:
		b.Label = "Dismiss"
	case bridge.ActionRestart:
		b.Label, b.Primary = "Start a new session", true
	case bridge.ActionSend:
		b.Label, b.Primary = sendLabel(n), true
	case bridge.ActionSkip:
		b.Label = skipLabel(n)
	case bridge.ActionConfirm:
		b.Label, b.Primary = "Yes, "+n.Word, true
	case bridge.ActionAsIs:
		b.Label = "No, send it to the agent"
	case bridge.ActionIgnore:
		b.Label, b.Primary = "Tell the agent to ignore it", true
	case bridge.ActionView:
		b.Label = "View session"
	case bridge.CommandQuiet:
		b.Label = "Only mentions"
	case bridge.CommandListen:
		b.Label = "Every reply"
	default:
		b.Label = optionLabel(n.Question, action)
	}
	return b
}

func sendLabel(n *bridge.Note) string {
	if n.Kind == bridge.NoteStop {
		return plural(n.Count, "Send it", "Send them")
	}
	return plural(len(n.Messages), "Send it", fmt.Sprintf("Send all %d", len(n.Messages)))
}

func skipLabel(n *bridge.Note) string {
	if n.Kind == bridge.NoteStop {
		return plural(n.Count, "Drop it", "Drop them")
	}
	return plural(len(n.Messages), "Skip it", "Skip them")
}

// optionLabel returns the answer that the action chooses, or its number.
func optionLabel(q *bridge.Question, action string) string {
	i, err := strconv.Atoi(strings.TrimPrefix(action, bridge.ActionChoose))
	if q == nil || err != nil || i < 0 || i >= len(q.Options) {
		return action
	}
	if numbered(q.Options) {
		return strconv.Itoa(i + 1)
	}
	return oneLine(q.Options[i].Label)
}
