package bridge

// StepKind is a kind of step that a lane can owe to its remote.
type StepKind string

// The steps of the Agen lane, then those of the Slack lane, each in order of
// preference.
const (
	StepLookUp    StepKind = "look_up"   // find out what became of what was begun
	StepSend      StepKind = "send"      // the oldest message that waits
	StepAuthorize StepKind = "authorize" // whether the author of a waiting message may use the bot
	StepRead      StepKind = "read"      // the timeline
	StepReadLeft  StepKind = "read_left" // the timeline of a session that the thread left, for the status of messages

	StepMark           StepKind = "mark"            // show that time has passed; asks no remote
	StepFindPost       StepKind = "find_post"       // find out what became of a post
	StepPost           StepKind = "post"            // the oldest post
	StepUpdatePost     StepKind = "update_post"     // what a post says has changed
	StepReadReactions  StepKind = "read_reactions"  // which reactions on a message are ours
	StepAddReaction    StepKind = "add_reaction"    // a reaction
	StepRemoveReaction StepKind = "remove_reaction" // a reaction
)

// AllSteps lists every kind of step.
var AllSteps = []StepKind{
	StepLookUp, StepSend, StepAuthorize, StepRead, StepReadLeft, StepMark, StepFindPost, StepPost, StepUpdatePost, StepReadReactions, StepAddReaction, StepRemoveReaction,
}
