package bridge

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
)

// Card is what the one post about a session tells: where the work stands, and
// where to find it.
type Card struct {
	// Asker is who opened the session, Earlier how many messages went along.
	Asker   string `json:"asker,omitempty"`
	Earlier int    `json:"earlier,omitempty"`
	// Phase is the state in words; Doing what the agent does, until it has
	// done it.
	Phase    Phase  `json:"phase,omitempty"`
	Activity string `json:"doing,omitempty"`
	// Branch, Request and RequestURL are those of the agent's work, as soon
	// as any event carries them.
	Branch     string `json:"branch,omitempty"`
	Request    string `json:"request,omitempty"`
	RequestURL string `json:"request_url,omitempty"`
}

// Phase is where the work of a session stands.
type Phase string

// The phases. The empty one is work.
const (
	PhaseWorking  Phase = ""
	PhaseAsking   Phase = "asking"
	PhaseFinished Phase = "finished"
	PhaseMerged   Phase = "merged"
	PhaseClosed   Phase = "closed"
	// PhaseLeft: the thread went on in another session.
	PhaseLeft Phase = "left"
	// PhaseMoved: the session went on in another thread.
	PhaseMoved Phase = "moved"
)

// CardKey begins the keys of cards.
const CardKey = "card:"

// showCard keeps the card in line with the session. It is made when the
// session opens, changed in place, and left alone when the session is over.
func (p *Policy) showCard(r *ThreadState, at Instant) {
	s := &r.Thread.Session
	key := cardKey(s.Count)
	row := r.Posts[key]
	if s.ID == "" || s.Closed && row == nil {
		return
	}
	if p := s.Card.Phase; s.Closed && p != PhaseMerged && p != PhaseClosed && p != PhaseLeft && p != PhaseMoved {
		s.Card.Phase, s.Card.Activity = PhaseClosed, ""
		r.Thread.Touch()
	}
	waiting := 0
	for _, m := range r.Messages {
		if m.waiting() && m.Authorized && m.CorrectionOf == "" || m.State == StateDone && m.End == "" && m.Status == agen.StatusQueued {
			waiting++
		}
	}
	listens := p.listens(&r.Thread)
	post := Post{Key: key, Text: textCard(s.Card, waiting, p.sessionLink(&r.Thread), s.Closed, listens)}
	if !s.Closed {
		post.Session = s.ID
		post.Buttons = []Button{{Action: CommandQuiet, Label: "Only when mentioned"}}
		if !listens {
			post.Buttons = []Button{{Action: CommandListen, Label: "Listen to every reply"}}
		}
	}
	p.upsertPost(r, post, nil, at)
	if row = r.Posts[key]; row.Open == s.Closed {
		row.Open = !s.Closed
		row.Touch()
	}
}

func cardKey(session int) string { return fmt.Sprintf("%s%d", CardKey, session) }

// sessionLink returns where people find the thread's session; empty when nobody
// said.
func (p *Policy) sessionLink(t *Thread) string {
	url := p.SessionURL
	if t.Route != "" {
		url = p.RouteURLs[t.Route]
	}
	return strings.ReplaceAll(url, "{id}", t.Session.ID)
}

// applyNewest takes down what the newest event tells of the work.
func (c *Card) applyNewest(e *agen.Event) {
	c.applyResults(e)
	switch e.Type {
	case agen.EventSessionFinished:
		c.Phase, c.Activity = PhaseFinished, ""
	case agen.EventAgentAskUser:
		c.Phase, c.Activity = PhaseAsking, ""
	case agen.EventAgentPlanExecutionUpdate:
		c.Phase, c.Activity = PhaseWorking, planOf(e)
	default:
		c.Phase, c.Activity = PhaseWorking, activity(e)
	}
}

// The fields in which an event may tell of a branch, and of a merge request.
var (
	branchKeys  = []string{"branch", "branch_name", "source_branch"}
	requestKeys = []string{"merge_request_url", "pull_request_url"}
)

// applyResults takes down the branch and the merge request, from whatever event
// carries them.
func (c *Card) applyResults(e *agen.Event) {
	c.Branch = first(e.Lookup(branchKeys...), c.Branch)
	c.RequestURL = first(e.Lookup(requestKeys...), c.RequestURL)
	if e.Type == agen.EventMergeRequestMerged || e.Type == agen.EventMergeRequestClosed {
		c.Request = first(e.Lookup("title", "name"), c.Request)
		c.RequestURL = first(requestURL(e), c.RequestURL)
	}
}

// showsProgress reports whether the newest event of the type tells where the work
// stands. Of those that show on the card alone only the newest counts.
func showsProgress(t agen.EventType) bool {
	return t == agen.EventUserMessage || t == agen.EventAgentAskUser || t.Known() && !isShown(t)
}

// activity says in a few words what an event of the agent's work is about; empty
// for what nobody would want to know.
func activity(e *agen.Event) string {
	verb, ok := activities[e.Type]
	if !ok {
		return ""
	}
	what := first(e.File(), e.Lookup("query", "pattern", "command", "url", "branch", "branch_name"))
	if what == "" {
		return verb
	}
	return verb + " `" + code(what) + "`"
}

var activities = map[agen.EventType]string{
	agen.EventAgentFileTreeBrowse: "Looking around", agen.EventAgentFileRead: "Reading", agen.EventAgentFileReadRange: "Reading",
	agen.EventAgentReadAroundMatch: "Reading", agen.EventAgentFileEdit: "Editing", agen.EventAgentFileCreate: "Creating",
	agen.EventAgentFileRemove: "Removing", agen.EventAgentFileMove: "Moving", agen.EventAgentFileCopy: "Copying",
	agen.EventAgentSearchFiles: "Searching for", agen.EventAgentSearchFilesV2: "Searching for",
	agen.EventAgentBranchDiff: "Comparing branches", agen.EventAgentUncommittedChanges: "Looking at its changes",
	agen.EventAgentConflictState: "Looking at conflicts", agen.EventAgentCheckTargetBranchMergeability: "Checking whether it can be merged",
	agen.EventAgentMergeRemoteBranch: "Merging", agen.EventAgentPullFromRemote: "Pulling", agen.EventAgentPushToRemote: "Pushing",
	agen.EventAgentAbortConflictResolution: "Giving up on conflicts", agen.EventAgentRollbackUncommittedChanges: "Undoing its changes",
	agen.EventAgentHTTPRequest: "Calling", agen.EventAgentWebBrowse: "Browsing", agen.EventAgentRunRepositoryCommand: "Running",
}

// planOf says what of its plan the agent is at.
func planOf(e *agen.Event) string {
	if step := first(e.Lookup("current_step", "step"), e.Text()); step != "" {
		return "“" + escape(short(step)) + "”"
	}
	return "Following its plan"
}

// maxShort bounds what the card repeats of anything.
const maxShort = 80

func short(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= maxShort {
		return string(runes)
	}
	return string(runes[:maxShort]) + "…"
}

// code makes text fit between two backticks.
func code(s string) string { return escape(strings.ReplaceAll(short(s), "`", "'")) }
