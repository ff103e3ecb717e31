package bridge

// The reasons for which something that came in is ignored. Each is a label
// of a metric.
const (
	IgnoredNotOurs = "not_our_thread"
	IgnoredBefore  = "before_the_mention"
	IgnoredKnown   = "known_already"
	IgnoredUnknown = "unknown_message"
	IgnoredClosed  = "note_closed"
	IgnoredQuiet   = "quiet_thread"
	IgnoredAside   = "aside" // said among people
	IgnoredApp     = "app"   // goes along with the next message
)

// Result is what became of something that came in.
type Result struct {
	// New is true when it changed anything: false for what is known already.
	New bool
	// Ignored says why nothing came of it, for a metric; empty otherwise.
	Ignored string
}
