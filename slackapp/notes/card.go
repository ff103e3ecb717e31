package notes

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// card is the one post about a session.
func (r Renderer) card(n *bridge.Note) string {
	line := cardState(n.Card)
	if n.Card.Asker != "" {
		line = append(line, "asked by "+person(n.Card.Asker))
	}
	if n.Count > 0 {
		line = append(line, counted(n.Count)+" waiting")
	}
	line = append(line, workResults(n.Card)...)
	if link := r.sessionLink(n); link != "" {
		line = append(line, linked(link, "View session"))
	}
	text := strings.Join(line, " · ")
	switch {
	case n.Card.Phase == bridge.PhaseDisconnected:
		return text + "\nThe next message here starts a new session. The previous one keeps running in Agen."
	case n.SessionClosed:
		return text
	}
	text += "\n"
	text += earlier(n.Card)
	if !n.Listens {
		return text + "Only messages that mention me go to the agent."
	}
	return text + "Every reply in this thread goes to the agent, from anyone."
}

// earlier says how many messages from before the first mention were sent along.
func earlier(c *bridge.Card) string {
	text := ""
	if c.Earlier > 0 {
		text = fmt.Sprintf("I sent along %d earlier %s of this thread. ", c.Earlier, plural(c.Earlier, "message", "messages"))
	}
	switch {
	case c.LeftOut > 0 && c.RootOnly:
		text += fmt.Sprintf("I left out %d, because Agen refused them as too long. ", c.LeftOut)
	case c.LeftOut > 0:
		text += fmt.Sprintf("I left out %d, because all of them would be too long. ", c.LeftOut)
	}
	return text
}

// cardState says what the state of the session is.
func cardState(c *bridge.Card) []string {
	phase := map[bridge.Phase]string{
		bridge.PhaseWorking: "Working", bridge.PhaseAsking: "Waiting for an answer", bridge.PhaseFinished: "Finished",
		bridge.PhaseMerged: "Merged", bridge.PhaseClosed: "Closed", bridge.PhaseLeft: "Continued in a new session", bridge.PhaseDisconnected: "Disconnected",
		bridge.PhaseMoved: "Continued in another thread",
	}[c.Phase]
	state := []string{"*" + phase + "*"}
	if doing := activity(c.Activity); doing != "" {
		state = append(state, doing)
	}
	return state
}

// activity says in a few words what the agent is doing; empty for nothing.
func activity(a bridge.Activity) string {
	verb := verbs[a.Kind]
	switch {
	case a.Subject == "":
		return verb
	case a.Kind == bridge.ActivityPlan:
		return "“" + escape(short(a.Subject)) + "”"
	case verb == "":
		return ""
	default:
		return verb + " `" + code(a.Subject) + "`"
	}
}

var verbs = map[bridge.ActivityKind]string{
	bridge.ActivityPlan:           "Following its plan",
	bridge.ActivityBrowseFiles:    "Looking around",
	bridge.ActivityRead:           "Reading",
	bridge.ActivityEdit:           "Editing",
	bridge.ActivityCreate:         "Creating",
	bridge.ActivityRemove:         "Removing",
	bridge.ActivityMove:           "Moving",
	bridge.ActivityCopy:           "Copying",
	bridge.ActivitySearch:         "Searching for",
	bridge.ActivityCompare:        "Comparing branches",
	bridge.ActivityReview:         "Looking at its changes",
	bridge.ActivityConflicts:      "Looking at conflicts",
	bridge.ActivityMergeable:      "Checking whether it can be merged",
	bridge.ActivityMerge:          "Merging",
	bridge.ActivityPull:           "Pulling",
	bridge.ActivityPush:           "Pushing",
	bridge.ActivityAbortConflicts: "Giving up on conflicts",
	bridge.ActivityUndo:           "Undoing its changes",
	bridge.ActivityRequest:        "Calling",
	bridge.ActivityBrowse:         "Browsing",
	bridge.ActivityRun:            "Running",
}

// workResults tells what came of it so far.
func workResults(c *bridge.Card) []string {
	var results []string
	if c.Branch != "" {
		results = append(results, "branch `"+code(c.Branch)+"`")
	}
	if c.RequestURL != "" {
		results = append(results, linked(c.RequestURL, cmp.Or(c.Request, "merge request")))
	}
	return results
}
