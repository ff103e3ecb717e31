package notes

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// status says what the state of a thread is.
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
