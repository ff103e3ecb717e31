package agen

import "bytes"

// field is a member of an event that this package knows.
type field uint8

const (
	fieldID field = iota
	fieldSession
	fieldType
	fieldPayload
	fieldStatus
	fieldClient
	fieldGoal
	fieldTask
	fieldCreated
	fieldUpdated
	noField // a member of any other name; so many fields there are
)

// fieldNames are the fields' names as they stand in an event, in quotes.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
var fieldNames = [noField]string{
	fieldID:      `"id"`,
	fieldSession: `"session_id"`,
	fieldType:    `"type"`,
	fieldPayload: `"payload"`,
	fieldStatus:  `"status"`,
	fieldClient:  `"client_id"`,
	fieldGoal:    `"session_goal_id"`,
	fieldTask:    `"session_task_id"`,
	fieldCreated: `"created_at"`,
	fieldUpdated: `"updated_at"`,
}

// fieldOf returns the field of a name as it stands in an event, in quotes and possibly with escapes.
func fieldOf(quoted []byte) field {
	name := inside(quoted)
	if bytes.IndexByte(name, '\\') >= 0 {
		name = text(quoted)
	}
	for f := range noField {
		if string(name) == f.name() {
			return f
		}
	}
	return noField
}

// standsAt reports whether the field's name stands at i, written as usual, without escapes.
func (f field) standsAt(b []byte, i int) bool {
	quoted := fieldNames[f]
	return len(b)-i >= len(quoted) && string(b[i:i+len(quoted)]) == quoted
}

// name returns the field's name without quotes.
func (f field) name() string { return fieldNames[f][1 : len(fieldNames[f])-1] }
