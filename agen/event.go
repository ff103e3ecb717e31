package agen

import (
	"encoding/json"
	"time"
)

// Event is one entry of a session's timeline. Decoding never fails because of a field: null or a wrong type where a
// string is promised gives "" (a number gives its digits), and unknown types and statuses are kept unchanged.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
type Event struct {
	// ID identifies the event, SessionID the session that it belongs to.
	ID, SessionID string
	// Type says what the event is about, Status how far Agen is with it. Both can change after they were first seen.
	Type   EventType
	Status Status
	// Payload is the raw JSON of the payload, nil if there is none.
	Payload json.RawMessage
	// ClientID is what the sender of a message passed as client_id, "" for null.
	ClientID string
	// GoalID and TaskID are session_goal_id and session_task_id, "" for null.
	GoalID, TaskID string
	// CreatedAt and UpdatedAt are timestamps, not parsed; see ParseTime.
	CreatedAt, UpdatedAt string
}

// Time returns when the event was created; false if CreatedAt can't be read as a time.
func (e *Event) Time() (time.Time, bool) { return ParseTime(e.CreatedAt) }

// Status says how far Agen is with an event. The constants below are the documented values; an unknown one is kept
// unchanged.
//
// Source: https://docs.agenhq.com, "Send a user message to the agent in a session".
type Status string

// The documented statuses (https://docs.agenhq.com, "Send a user message to the agent in a session").
const (
	// StatusCompleted means that the agent is done with the event.
	StatusCompleted Status = "completed"
	// StatusQueued means that the agent is busy and the message waits in its queue.
	StatusQueued Status = "queued"
	// StatusProcessing means that the agent is working on it.
	StatusProcessing Status = "processing"
	// StatusCanceled means that the event was canceled and the agent will not work on it.
	StatusCanceled Status = "canceled"
)
