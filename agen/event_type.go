package agen

// EventType says what a session event is about. The constants below are the documented values; an unknown one is kept
// unchanged.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
type EventType string

// The documented event types, in the order of the API reference (https://docs.agenhq.com, "Get the session timeline
// events"). Only the payload of EventUserMessage is documented.
const (
	// EventUserMessage is a message from a person or an API client; its payload is a UserMessage.
	EventUserMessage EventType = "user_message"
	// EventAgentMessage is something the agent says.
	EventAgentMessage EventType = "agent_message"
	// EventSystemMessage is something Agen itself says.
	EventSystemMessage EventType = "system_message"
	// EventSessionFinished marks the end of the agent's work; the session still takes messages.
	EventSessionFinished EventType = "session_finished"
	// EventSessionClosed marks a session that takes no more messages.
	EventSessionClosed EventType = "session_closed"
	// EventMergeRequestMerged says that the session's merge request was merged.
	EventMergeRequestMerged EventType = "merge_request_merged"
	// EventMergeRequestClosed says that the session's merge request was closed without merging.
	EventMergeRequestClosed EventType = "merge_request_closed"
	// EventAgentFileTreeBrowse is the agent listing files.
	EventAgentFileTreeBrowse EventType = "agent_file_tree_browse"
	// EventAgentFileRead is the agent reading a file.
	EventAgentFileRead EventType = "agent_file_read"
	// EventAgentFileEdit is the agent changing a file.
	EventAgentFileEdit EventType = "agent_file_edit"
	// EventAgentFileCreate is the agent creating a file.
	EventAgentFileCreate EventType = "agent_file_create"
	// EventAgentFileRemove is the agent deleting a file.
	EventAgentFileRemove EventType = "agent_file_remove"
	// EventAgentFileMove is the agent moving a file.
	EventAgentFileMove EventType = "agent_file_move"
	// EventAgentFileCopy is the agent copying a file.
	EventAgentFileCopy EventType = "agent_file_copy"
	// EventAgentFileReadRange is the agent reading a part of a file.
	EventAgentFileReadRange EventType = "agent_file_read_range"
	// EventAgentReadAroundMatch is the agent reading around a search result.
	EventAgentReadAroundMatch EventType = "agent_read_around_match"
	// EventAgentSearchFiles is the agent searching.
	EventAgentSearchFiles EventType = "agent_search_files"
	// EventAgentSearchFilesV2 is the agent searching, in the second form of that event.
	EventAgentSearchFilesV2 EventType = "agent_search_files_v2"
	// EventAgentPlanExecutionUpdate carries the agent's plan and how far it got.
	EventAgentPlanExecutionUpdate EventType = "agent_plan_execution_update"
	// EventAgentAskUser is a question of the agent that waits for a person.
	EventAgentAskUser EventType = "agent_ask_user"
	// EventUserAskUserResponse is the answer to an EventAgentAskUser.
	EventUserAskUserResponse EventType = "user_ask_user_response"
	// EventAgentBranchDiff is the agent looking at what its branch changes.
	EventAgentBranchDiff EventType = "agent_branch_diff"
	// EventAgentUncommittedChanges is the agent looking at its uncommitted changes.
	EventAgentUncommittedChanges EventType = "agent_uncommitted_changes"
	// EventAgentConflictState is the agent looking at merge conflicts.
	EventAgentConflictState EventType = "agent_conflict_state"
	// EventAgentCheckTargetBranchMergeability is the agent checking whether its branch can be merged.
	EventAgentCheckTargetBranchMergeability EventType = "agent_check_target_branch_mergeability"
	// EventAgentMergeRemoteBranch is the agent merging a remote branch.
	EventAgentMergeRemoteBranch EventType = "agent_merge_remote_branch"
	// EventAgentPullFromRemote is the agent pulling.
	EventAgentPullFromRemote EventType = "agent_pull_from_remote"
	// EventAgentPushToRemote is the agent pushing.
	EventAgentPushToRemote EventType = "agent_push_to_remote"
	// EventAgentAbortConflictResolution is the agent giving up on resolving conflicts.
	EventAgentAbortConflictResolution EventType = "agent_abort_conflict_resolution"
	// EventAgentRollbackUncommittedChanges is the agent throwing its uncommitted changes away.
	EventAgentRollbackUncommittedChanges EventType = "agent_rollback_uncommitted_changes"
	// EventAgentHTTPRequest is the agent making an HTTP request.
	EventAgentHTTPRequest EventType = "agent_http_request"
	// EventAgentWebBrowse is the agent reading a web page.
	EventAgentWebBrowse EventType = "agent_web_browse"
	// EventAgentRunRepositoryCommand is the agent running a command in the repository.
	EventAgentRunRepositoryCommand EventType = "agent_run_repository_command"
	// EventAgentAlertCreated is the agent raising an alert.
	EventAgentAlertCreated EventType = "agent_alert_created"
)

// EventTypes returns the documented event types, in the order of the API reference.
func EventTypes() []EventType {
	return []EventType{
		EventUserMessage, EventAgentMessage, EventSystemMessage, EventSessionFinished, EventSessionClosed,
		EventMergeRequestMerged, EventMergeRequestClosed, EventAgentFileTreeBrowse, EventAgentFileRead, EventAgentFileEdit,
		EventAgentFileCreate, EventAgentFileRemove, EventAgentFileMove, EventAgentFileCopy, EventAgentFileReadRange, EventAgentReadAroundMatch,
		EventAgentSearchFiles, EventAgentSearchFilesV2, EventAgentPlanExecutionUpdate, EventAgentAskUser, EventUserAskUserResponse,
		EventAgentBranchDiff, EventAgentUncommittedChanges, EventAgentConflictState, EventAgentCheckTargetBranchMergeability, EventAgentMergeRemoteBranch,
		EventAgentPullFromRemote, EventAgentPushToRemote, EventAgentAbortConflictResolution, EventAgentRollbackUncommittedChanges,
		EventAgentHTTPRequest, EventAgentWebBrowse, EventAgentRunRepositoryCommand, EventAgentAlertCreated,
	}
}

// Known reports whether t is one of the documented event types.
func (t EventType) Known() bool {
	_, known := knownTypes[string(t)]
	return known
}

// knownTypes turns the bytes of a documented type into an EventType without allocating. It is read only.
var knownTypes = func() map[string]EventType {
	types := make(map[string]EventType, 64)
	for _, t := range EventTypes() {
		types[string(t)] = t
	}
	return types
}()
