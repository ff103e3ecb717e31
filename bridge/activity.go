package bridge

// Activity is what the agent is doing.
type Activity struct {
	Kind ActivityKind `json:"kind,omitempty"`
	// Subject is what the agent works on: a file, a query, a branch, a step of its
	// plan. Empty if Agen doesn't say.
	Subject string `json:"subject,omitempty"`
}

// ActivityKind is a kind of work.
type ActivityKind string

// The activities that the card shows. The empty one is none.
const (
	ActivityPlan           ActivityKind = "plan"
	ActivityBrowseFiles    ActivityKind = "browse_files"
	ActivityRead           ActivityKind = "read"
	ActivityEdit           ActivityKind = "edit"
	ActivityCreate         ActivityKind = "create"
	ActivityRemove         ActivityKind = "remove"
	ActivityMove           ActivityKind = "move"
	ActivityCopy           ActivityKind = "copy"
	ActivitySearch         ActivityKind = "search"
	ActivityCompare        ActivityKind = "compare"
	ActivityReview         ActivityKind = "review"
	ActivityConflicts      ActivityKind = "conflicts"
	ActivityMergeable      ActivityKind = "mergeable"
	ActivityMerge          ActivityKind = "merge"
	ActivityPull           ActivityKind = "pull"
	ActivityPush           ActivityKind = "push"
	ActivityAbortConflicts ActivityKind = "abort_conflicts"
	ActivityUndo           ActivityKind = "undo"
	ActivityRequest        ActivityKind = "request"
	ActivityBrowse         ActivityKind = "browse"
	ActivityRun            ActivityKind = "run"
)
