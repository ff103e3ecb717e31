package bridge

// Card is the content of the one post about a session: the state of the work, and where
// to find it.
type Card struct {
	// Asker is the person who opened the session. Earlier is how many earlier messages it
	// got, and LeftOut how many it didn't get because of their length. RootOnly: Agen
	// refused to take more than the thread's first message.
	Asker    string `json:"asker,omitempty"`
	Earlier  int    `json:"earlier,omitempty"`
	LeftOut  int    `json:"left_out,omitempty"`
	RootOnly bool   `json:"root_only,omitempty"`
	// Phase is the state of the work, and Activity what the agent is doing now.
	Phase    Phase    `json:"phase,omitempty"`
	Activity Activity `json:"activity,omitzero"`
	// Branch, Request and RequestURL describe the result of the agent's work, as soon
	// as any event names them.
	Branch     string `json:"branch,omitempty"`
	Request    string `json:"request,omitempty"`
	RequestURL string `json:"request_url,omitempty"`
}

// Phase is the state of a session's work.
type Phase string

// The phases. The empty one means that the agent is working.
const (
	PhaseWorking  Phase = ""
	PhaseAsking   Phase = "asking"
	PhaseFinished Phase = "finished"
	PhaseMerged   Phase = "merged"
	PhaseClosed   Phase = "closed"
	// PhaseDisconnected: the next message in the thread starts another session, and
	// PhaseLeft: one has.
	PhaseDisconnected Phase = "disconnected"
	PhaseLeft         Phase = "left"
	// PhaseMoved: the session went on in another thread.
	PhaseMoved Phase = "moved"
)

// CardKey begins the keys of cards.
const CardKey = "card:"
