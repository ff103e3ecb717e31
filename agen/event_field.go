package agen

import "bytes"

// eventField is a member of an event that this package knows.
type eventField uint8

const (
	fieldID eventField = iota
	fieldSessionID
	fieldType
	fieldPayload
	fieldStatus
	fieldClientID
	fieldGoalID
	fieldTaskID
	fieldCreatedAt
	fieldUpdatedAt
	unknownField // a member with any other name; also the number of known fields
)

// quotedNames are the names of the fields in an event, in quotes.
//
// Source: https://docs.agenhq.com, "Get the session timeline events".
var quotedNames = [unknownField]string{
	fieldID:        `"id"`,
	fieldSessionID: `"session_id"`,
	fieldType:      `"type"`,
	fieldPayload:   `"payload"`,
	fieldStatus:    `"status"`,
	fieldClientID:  `"client_id"`,
	fieldGoalID:    `"session_goal_id"`,
	fieldTaskID:    `"session_task_id"`,
	fieldCreatedAt: `"created_at"`,
	fieldUpdatedAt: `"updated_at"`,
}

// fieldNamed returns the field of a JSON string, which is in quotes and may contain escapes.
func fieldNamed(quoted []byte) eventField {
	name := stringContent(quoted)
	if bytes.IndexByte(name, '\\') >= 0 {
		name = textOfValue(quoted)
	}
	for f := range unknownField {
		if quoted := quotedNames[f]; string(name) == quoted[1:len(quoted)-1] {
			return f
		}
	}
	return unknownField
}

// isAt reports whether the field's name is at b[i:], without escapes.
func (f eventField) isAt(b []byte, i int) bool {
	quoted := quotedNames[f]
	return len(b)-i >= len(quoted) && string(b[i:i+len(quoted)]) == quoted
}
