package bridge

import (
	"cmp"

	"github.com/agenbridge/agenbridge/agen"
)

// Activity is what the agent is doing.
type Activity struct {
	Kind ActivityKind `json:"kind,omitempty"`
	// Subject is what it does it to: a file, a query, a branch, a step of its plan.
	// Empty where Agen does not say.
	Subject string `json:"subject,omitempty"`
}

// ActivityKind is a kind of work.
type ActivityKind string

// The activities that people are told of. The empty one is none.
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

var activities = map[agen.EventType]ActivityKind{
	agen.EventAgentFileTreeBrowse: ActivityBrowseFiles, agen.EventAgentFileRead: ActivityRead, agen.EventAgentFileReadRange: ActivityRead,
	agen.EventAgentReadAroundMatch: ActivityRead, agen.EventAgentFileEdit: ActivityEdit, agen.EventAgentFileCreate: ActivityCreate,
	agen.EventAgentFileRemove: ActivityRemove, agen.EventAgentFileMove: ActivityMove, agen.EventAgentFileCopy: ActivityCopy,
	agen.EventAgentSearchFiles: ActivitySearch, agen.EventAgentSearchFilesV2: ActivitySearch,
	agen.EventAgentBranchDiff: ActivityCompare, agen.EventAgentUncommittedChanges: ActivityReview,
	agen.EventAgentConflictState: ActivityConflicts, agen.EventAgentCheckTargetBranchMergeability: ActivityMergeable,
	agen.EventAgentMergeRemoteBranch: ActivityMerge, agen.EventAgentPullFromRemote: ActivityPull, agen.EventAgentPushToRemote: ActivityPush,
	agen.EventAgentAbortConflictResolution: ActivityAbortConflicts, agen.EventAgentRollbackUncommittedChanges: ActivityUndo,
	agen.EventAgentHTTPRequest: ActivityRequest, agen.EventAgentWebBrowse: ActivityBrowse, agen.EventAgentRunRepositoryCommand: ActivityRun,
	agen.EventAgentPlanExecutionUpdate: ActivityPlan,
}

// activityOf returns what an event tells of the agent's work; the zero value for
// what nobody would want to know.
func activityOf(e *agen.Event) Activity {
	a := Activity{Kind: activities[e.Type]}
	switch a.Kind {
	case "":
	case ActivityPlan:
		a.Subject = excerpt(cmp.Or(e.Lookup("current_step", "step"), e.Text()))
	default:
		a.Subject = excerpt(cmp.Or(e.File(), e.Lookup("query", "pattern", "command", "url", "branch", "branch_name")))
	}
	return a
}
