package bridge

// The reasons for which something that came in is ignored. Each is a label value of a
// metric.
const (
	IgnoredNotOurs = "not_our_thread"
	IgnoredBefore  = "before_the_mention"
	IgnoredKnown   = "known_already"
	IgnoredUnknown = "unknown_message"
	IgnoredClosed  = "note_closed"
	IgnoredQuiet   = "quiet_thread"
	IgnoredAside   = "aside" // a message between people
	IgnoredApp     = "app"   // goes along with the next message
)

// Result is what was decided about something that came in.
type Result struct {
	// New is true if it changed anything, and false if it was known already.
	New bool
	// Ignored is the reason for which nothing was done, for a metric; empty otherwise.
	Ignored string
}
