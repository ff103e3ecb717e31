package agentest

import (
	"encoding/json"
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
)

// The functions below return events for AddEvent. Only the payload of a user message is documented; the shapes of the
// others are guesses.

// UserMessage is a message from a person, as the Agen app sends it.
func UserMessage(text string) agen.Event {
	return Event(agen.EventUserMessage, map[string]any{"message": text})
}

// AgentMessage is a message from the agent.
func AgentMessage(text string) agen.Event {
	return Event(agen.EventAgentMessage, map[string]any{"message": text})
}

// Ask is a question of the agent, with the answers to choose from.
func Ask(question string, options ...string) agen.Event {
	payload := map[string]any{"question": question}
	if len(options) > 0 {
		payload["options"] = options
	}
	e := Event(agen.EventAgentAskUser, payload)
	e.Status = agen.StatusProcessing
	return e
}

// AskResponse is the answer to a question.
func AskResponse(answer string) agen.Event {
	return Event(agen.EventUserAskUserResponse, map[string]any{"message": answer})
}

// FileEdit is the agent changing a file.
func FileEdit(path string) agen.Event {
	return Event(agen.EventAgentFileEdit, map[string]any{"path": path})
}

// Finished is the end of the agent's work.
func Finished(summary string) agen.Event {
	return Event(agen.EventSessionFinished, map[string]any{"summary": summary})
}

// Event is an event of any type with the payload's fields, to which "type" is added. It panics if the payload can't be
// encoded as JSON, which is a mistake in the script.
func Event(kind agen.EventType, payload map[string]any) agen.Event {
	fields := map[string]any{"type": kind}
	for name, value := range payload {
		fields[name] = value
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("agentest: payload of %s: %v", kind, err))
	}
	return agen.Event{Type: kind, Payload: encoded}
}
