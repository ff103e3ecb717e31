package project

import (
	"cmp"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

var activities = map[agen.EventType]bridge.ActivityKind{
	agen.EventAgentFileTreeBrowse: bridge.ActivityBrowseFiles, agen.EventAgentFileRead: bridge.ActivityRead, agen.EventAgentFileReadRange: bridge.ActivityRead,
	agen.EventAgentReadAroundMatch: bridge.ActivityRead, agen.EventAgentFileEdit: bridge.ActivityEdit, agen.EventAgentFileCreate: bridge.ActivityCreate,
	agen.EventAgentFileRemove: bridge.ActivityRemove, agen.EventAgentFileMove: bridge.ActivityMove, agen.EventAgentFileCopy: bridge.ActivityCopy,
	agen.EventAgentSearchFiles: bridge.ActivitySearch, agen.EventAgentSearchFilesV2: bridge.ActivitySearch,
	agen.EventAgentBranchDiff: bridge.ActivityCompare, agen.EventAgentUncommittedChanges: bridge.ActivityReview,
	agen.EventAgentConflictState: bridge.ActivityConflicts, agen.EventAgentCheckTargetBranchMergeability: bridge.ActivityMergeable,
	agen.EventAgentMergeRemoteBranch: bridge.ActivityMerge, agen.EventAgentPullFromRemote: bridge.ActivityPull, agen.EventAgentPushToRemote: bridge.ActivityPush,
	agen.EventAgentAbortConflictResolution: bridge.ActivityAbortConflicts, agen.EventAgentRollbackUncommittedChanges: bridge.ActivityUndo,
	agen.EventAgentHTTPRequest: bridge.ActivityRequest, agen.EventAgentWebBrowse: bridge.ActivityBrowse, agen.EventAgentRunRepositoryCommand: bridge.ActivityRun,
	agen.EventAgentPlanExecutionUpdate: bridge.ActivityPlan,
}

// activityOf returns the activity of the agent that the event stands for, or the zero
// value if the card doesn't show it.
func activityOf(e *agen.Event) bridge.Activity {
	a := bridge.Activity{Kind: activities[e.Type]}
	switch a.Kind {
	case "":
	case bridge.ActivityPlan:
		a.Subject = record.Excerpt(cmp.Or(e.Lookup("current_step", "step"), e.Text()))
	default:
		a.Subject = record.Excerpt(cmp.Or(e.File(), e.Lookup("query", "pattern", "command", "url", "branch", "branch_name")))
	}
	return a
}
