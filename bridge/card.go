package bridge

import (
	"cmp"
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
)

// Card is what the one post about a session tells: where the work stands, and
// where to find it.
type Card struct {
	// Asker is who opened the session, Earlier how many messages went along.
	Asker   string `json:"asker,omitempty"`
	Earlier int    `json:"earlier,omitempty"`
	// Phase is where the work stands, Activity what the agent does until it has
	// done it.
	Phase    Phase    `json:"phase,omitempty"`
	Activity Activity `json:"activity,omitzero"`
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
		s.Card.Phase, s.Card.Activity = PhaseClosed, Activity{}
		r.Thread.Touch()
	}
	note := p.cardNote(&r.Thread)
	for _, m := range r.Messages {
		if m.waiting() && m.Authorized && m.CorrectionOf == "" || m.State == StateDone && m.End == "" && m.Status == agen.StatusQueued {
			note.Count++
		}
	}
	post := Post{Key: key, Note: note}
	if !s.Closed {
		post.Session = s.ID
	}
	p.upsertPost(r, post, nil, at)
	if row = r.Posts[key]; row.Open == s.Closed {
		row.Open = !s.Closed
		row.Touch()
	}
}

func cardKey(session int) string { return fmt.Sprintf("%s%d", CardKey, session) }

// cardNote tells how the thread's session stands.
func (p *Policy) cardNote(t *Thread) *Note {
	card := t.Session.Card
	return &Note{
		Kind: NoteCard, Card: &card, Session: t.Session.ID, Route: t.Route,
		SessionClosed: t.Session.Closed, Listens: p.listens(t),
	}
}

// applyNewest takes down what the newest event tells of the work.
func (c *Card) applyNewest(e *agen.Event) {
	c.applyResults(e)
	switch e.Type {
	case agen.EventSessionFinished:
		c.Phase, c.Activity = PhaseFinished, Activity{}
	case agen.EventAgentAskUser:
		c.Phase, c.Activity = PhaseAsking, Activity{}
	default:
		c.Phase, c.Activity = PhaseWorking, activityOf(e)
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
	c.Branch = cmp.Or(e.Lookup(branchKeys...), c.Branch)
	c.RequestURL = cmp.Or(e.Lookup(requestKeys...), c.RequestURL)
	if e.Type == agen.EventMergeRequestMerged || e.Type == agen.EventMergeRequestClosed {
		c.Request = cmp.Or(e.Lookup("title", "name"), c.Request)
		c.RequestURL = cmp.Or(requestURL(e), c.RequestURL)
	}
}

func requestURL(e *agen.Event) string {
	return e.Lookup("url", "web_url", "html_url", "link", "merge_request_url", "pull_request_url")
}

// showsProgress reports whether the newest event of the type tells where the work
// stands. Of those that show on the card alone only the newest counts.
func showsProgress(t agen.EventType) bool {
	return t == agen.EventUserMessage || t == agen.EventAgentAskUser || t.Known() && !isShown(t)
}
