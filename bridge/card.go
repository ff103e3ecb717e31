package bridge

// Card is what the one post about a session tells: where the work stands, and
// where to find it.
type Card struct {
	// Asker is who opened the session. Earlier is how many messages went along, and LeftOut
	// how many did not because of their length. RootOnly: Agen refused to take more than
	// the thread's first message.
	Asker    string `json:"asker,omitempty"`
	Earlier  int    `json:"earlier,omitempty"`
	LeftOut  int    `json:"left_out,omitempty"`
	RootOnly bool   `json:"root_only,omitempty"`
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
