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

// activity describes what the agent is doing in a few words; empty for nothing.
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

// workResults lists the results of the session so far.
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

// status renders the state of a thread.
func (r Renderer) status(n *bridge.Note) string {
	lines := []string{r.card(n)}
	if n.Session == "" {
		lines = []string{"There's no session here yet; " + counted(n.Count) + " waiting."}
	}
	if n.Failed > 0 {
		lines = append(lines, counted(n.Failed)+" "+plural(n.Failed, "wasn't", "weren't")+" delivered: `@Agen retry` sends "+plural(n.Failed, "it", "them")+" again.")
	}
	return strings.Join(lines, "\n")
}

// list lists a person's open threads.
func (r Renderer) list(n *bridge.Note) string {
	total := len(n.Threads) + n.More
	if total == 0 {
		return "You have no open threads."
	}
	lines := []string{plural(total, "Your open thread:", "Your open threads, the latest news first:")}
	for _, t := range n.Threads {
		state := append(cardState(&t.Card), workResults(&t.Card)...)
		lines = append(lines, "• "+linkedClock(t.OpenedAt, r.Link(t.Key))+" · "+strings.Join(state, " · "))
	}
	if n.More > 0 {
		lines = append(lines, fmt.Sprintf("And %d more.", n.More))
	}
	return strings.Join(lines, "\n")
}

func (r Renderer) pollingStopped(n *bridge.Note) string {
	if n.Class == bridge.ClassNotFound {
		return "Agen doesn't show this session anymore, so I stopped watching. Reply to continue."
	}
	return fmt.Sprintf("Nothing happened here for %d days, so I stopped watching. Reply to continue.", n.Days)
}

func (r Renderer) merged(n *bridge.Note) string {
	line := "🔀 Merged: " + mergeRequest(n)
	if n.Branch != "" {
		line += " into `" + escape(n.Branch) + "`"
	}
	line += "."
	if n.Person != "" {
		line += " Requested by " + r.name(n.Person) + "."
	}
	return line
}

func (r Renderer) mergeRequestClosed(n *bridge.Note) string {
	return "Merge request closed without merging: " + mergeRequest(n) + "."
}

// mergeRequest names a merge request, as a link if its URL is known.
func mergeRequest(n *bridge.Note) string { return linked(n.URL, cmp.Or(n.Title, "the merge request")) }

// lineLimit is the maximum length of a short line. Agen has the full text.
const lineLimit = 300

func (r Renderer) alert(n *bridge.Note) string { return "⚠️ " + r.system(n) }
func (r Renderer) system(n *bridge.Note) string {
	return "Agen: " + escape(cut(oneLine(n.Text), lineLimit, "… (all of it is in the session)"))
}
