package agen

// EventType says what a session event is about. The constants below are the documented values; an unknown one is kept
// as it came, so it survives decoding and encoding.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
type EventType string

// The documented event types, in the order of the API reference (https://docs.agenhq.com, "Get the session timeline
// events"). Only the payload of UserMessageEvent is documented.
const (
	// UserMessageEvent is a message from a person or an API client; its payload is a UserMessage.
	UserMessageEvent EventType = "user_message"
	// AgentMessageEvent is something the agent says.
	AgentMessageEvent EventType = "agent_message"
	// SystemMessageEvent is something Agen itself says.
	SystemMessageEvent EventType = "system_message"
	// SessionFinishedEvent marks the end of the agent's work; the session still takes messages.
	SessionFinishedEvent EventType = "session_finished"
	// SessionClosedEvent marks a session that takes no more messages.
	SessionClosedEvent EventType = "session_closed"
	// MergeRequestMergedEvent says that the session's merge request was merged.
	MergeRequestMergedEvent EventType = "merge_request_merged"
	// MergeRequestClosedEvent says that the session's merge request was closed without merging.
	MergeRequestClosedEvent EventType = "merge_request_closed"
	// FileTreeBrowseEvent is the agent listing files.
	FileTreeBrowseEvent EventType = "agent_file_tree_browse"
	// FileReadEvent is the agent reading a file.
	FileReadEvent EventType = "agent_file_read"
	// FileEditEvent is the agent changing a file.
	FileEditEvent EventType = "agent_file_edit"
	// FileCreateEvent is the agent creating a file.
	FileCreateEvent EventType = "agent_file_create"
	// FileRemoveEvent is the agent deleting a file.
	FileRemoveEvent EventType = "agent_file_remove"
	// FileMoveEvent is the agent moving a file.
	FileMoveEvent EventType = "agent_file_move"
	// FileCopyEvent is the agent copying a file.
	FileCopyEvent EventType = "agent_file_copy"
	// FileReadRangeEvent is the agent reading a part of a file.
	FileReadRangeEvent EventType = "agent_file_read_range"
	// ReadAroundMatchEvent is the agent reading around a search result.
	ReadAroundMatchEvent EventType = "agent_read_around_match"
	// SearchFilesEvent is the agent searching.
	SearchFilesEvent EventType = "agent_search_files"
	// SearchFilesV2Event is the agent searching, in the second form of that event.
	SearchFilesV2Event EventType = "agent_search_files_v2"
	// PlanExecutionUpdateEvent carries the agent's plan and how far it got.
	PlanExecutionUpdateEvent EventType = "agent_plan_execution_update"
	// AskUserEvent is a question of the agent that waits for a person.
	AskUserEvent EventType = "agent_ask_user"
	// AskUserResponseEvent is the answer to an AskUserEvent.
	AskUserResponseEvent EventType = "user_ask_user_response"
	// BranchDiffEvent is the agent looking at what its branch changes.
	BranchDiffEvent EventType = "agent_branch_diff"
	// UncommittedChangesEvent is the agent looking at its uncommitted changes.
	UncommittedChangesEvent EventType = "agent_uncommitted_changes"
	// ConflictStateEvent is the agent looking at merge conflicts.
	ConflictStateEvent EventType = "agent_conflict_state"
	// CheckMergeabilityEvent is the agent checking whether its branch can be merged.
	CheckMergeabilityEvent EventType = "agent_check_target_branch_mergeability"
	// MergeRemoteBranchEvent is the agent merging a remote branch.
	MergeRemoteBranchEvent EventType = "agent_merge_remote_branch"
	// PullFromRemoteEvent is the agent pulling.
	PullFromRemoteEvent EventType = "agent_pull_from_remote"
	// PushToRemoteEvent is the agent pushing.
	PushToRemoteEvent EventType = "agent_push_to_remote"
	// AbortConflictResolutionEvent is the agent giving up on resolving conflicts.
	AbortConflictResolutionEvent EventType = "agent_abort_conflict_resolution"
	// RollbackUncommittedChangesEvent is the agent throwing its uncommitted changes away.
	RollbackUncommittedChangesEvent EventType = "agent_rollback_uncommitted_changes"
	// HTTPRequestEvent is the agent making an HTTP request.
	HTTPRequestEvent EventType = "agent_http_request"
	// WebBrowseEvent is the agent reading a web page.
	WebBrowseEvent EventType = "agent_web_browse"
	// RunRepositoryCommandEvent is the agent running a command in the repository.
	RunRepositoryCommandEvent EventType = "agent_run_repository_command"
	// AlertCreatedEvent is the agent raising an alert.
	AlertCreatedEvent EventType = "agent_alert_created"
)

// EventTypes returns the documented event types, in the order of the API reference.
func EventTypes() []EventType {
	return []EventType{
		UserMessageEvent, AgentMessageEvent, SystemMessageEvent, SessionFinishedEvent, SessionClosedEvent,
		MergeRequestMergedEvent, MergeRequestClosedEvent, FileTreeBrowseEvent, FileReadEvent, FileEditEvent,
		FileCreateEvent, FileRemoveEvent, FileMoveEvent, FileCopyEvent, FileReadRangeEvent, ReadAroundMatchEvent,
		SearchFilesEvent, SearchFilesV2Event, PlanExecutionUpdateEvent, AskUserEvent, AskUserResponseEvent,
		BranchDiffEvent, UncommittedChangesEvent, ConflictStateEvent, CheckMergeabilityEvent, MergeRemoteBranchEvent,
		PullFromRemoteEvent, PushToRemoteEvent, AbortConflictResolutionEvent, RollbackUncommittedChangesEvent,
		HTTPRequestEvent, WebBrowseEvent, RunRepositoryCommandEvent, AlertCreatedEvent,
	}
}

// Known reports whether t is one of the documented event types.
func (t EventType) Known() bool {
	_, known := knownTypes[string(t)]
	return known
}

// knownTypes lets the scanner turn bytes into an EventType without allocating. Read only.
var knownTypes = func() map[string]EventType {
	types := make(map[string]EventType, 64)
	for _, t := range EventTypes() {
		types[string(t)] = t
	}
	return types
}()

// Status says how far Agen is with an event. The constants below are the documented values; an unknown one is kept as
// it came.
//
// Source: https://docs.agenhq.com, "Send a user message to the agent in a session".
type Status string

// The documented statuses (https://docs.agenhq.com, "Send a user message to the agent in a session").
const (
	// Completed means that the agent is done with the event.
	Completed Status = "completed"
	// Queued means that the agent is busy and the message waits.
	Queued Status = "queued"
	// Processing means that the agent works on it.
	Processing Status = "processing"
	// Canceled means that the agent will not do it.
	Canceled Status = "canceled"
)

// Statuses returns the documented statuses.
func Statuses() []Status { return []Status{Completed, Queued, Processing, Canceled} }

// Known reports whether s is one of the documented statuses.
func (s Status) Known() bool {
	switch s {
	case Completed, Queued, Processing, Canceled:
		return true
	}
	return false
}

// NewSession is what a session is opened with.
//
// Source: https://docs.agenhq.com, "Create sessions".
type NewSession struct {
	// Branch is the branch the agent starts from; nil is sent as JSON null and means Agen's default.
	Branch *string
	// AutoCommit lets the agent commit without being asked.
	AutoCommit bool
	// Model names the model; empty means Agen's default, and the field is not sent.
	Model string
}

// ListOptions narrows a listing of sessions. Empty fields are not sent.
//
// Source: https://docs.agenhq.com, "List sessions".
type ListOptions struct {
	// Status keeps sessions whose lifecycle status this is. The values are not documented.
	Status string
	// UserID keeps sessions of this user.
	UserID string
	// Include asks for more fields of each session. The values are not documented.
	Include string
	// Cursor is the NextCursor of the page before. The name of its parameter is not documented; "cursor" is sent.
	Cursor string
}

// SessionPage is one page of a listing.
type SessionPage struct {
	// Items are the page's sessions, in Agen's order.
	Items []Session
	// NextCursor asks for the next page; empty after the last one.
	NextCursor string
}
