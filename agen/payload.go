package agen

import (
	"encoding/json"
	"strings"
)

// UserMessage is the payload of an EventUserMessage, the only documented one.
//
// Source: https://docs.agenhq.com, "Send a user message to the agent in a session".
type UserMessage struct {
	// Message is what the person wrote.
	Message string
}

// Question is something the agent asks a person.
type Question struct {
	// Text is the question. It is empty if the payload has only options.
	Text string
	// Options are the answers to choose from, none if the answer is free text.
	Options []QuestionOption
}

// QuestionOption is one answer that the agent offers to a Question.
type QuestionOption struct {
	// Label is what to show.
	Label string
	// Value is what to answer with. It is the Label if the agent gave no other value.
	Value string
}

// The methods below accept every payload. They find nothing in nil, in malformed JSON and in wrong types. Except for that
// of a user message, none of the names that they look for is documented.

// The names of the fields that may hold a text, a question, an option and a file, in the order of preference.
var (
	textNames     = []string{"message", "text", "content", "summary"}
	questionNames = []string{"question", "message", "text", "content"}
	labelNames    = []string{"label", "text", "title", "value"}
	fileNames     = []string{"path", "file_path", "file"}
)

// maxNesting limits how deep objects and arrays inside a payload are searched.
const maxNesting = 8

// UserMessage returns the payload of an EventUserMessage; false if the payload holds no message.
func (e *Event) UserMessage() (UserMessage, bool) {
	message, ok := fieldsOf(e.Payload)["message"].(string)
	return UserMessage{Message: message}, ok
}

// Text returns the text of the payload: the first of message, text, content and summary that is not empty. A payload
// that is itself a string is the text. Text in parts (an array of strings or objects) is joined by line breaks. It is ""
// if there is none.
func (e *Event) Text() string {
	var v any
	if err := json.Unmarshal(e.Payload, &v); err != nil {
		return "" // not JSON
	}
	return textOf(v, textNames, 0)
}

// Lookup returns the first of the named top-level fields of the payload that holds a text, "" if none does.
func (e *Event) Lookup(names ...string) string {
	return textOf(fieldsOf(e.Payload), names, 0)
}

// File returns the path of the file that the payload is about, from path, file_path or file; "" if there is none.
func (e *Event) File() string {
	fields := fieldsOf(e.Payload)
	for _, name := range fileNames {
		if path := textOf(fields[name], append([]string{"name"}, fileNames...), 1); path != "" {
			return path
		}
	}
	return ""
}

// Questions returns what the payload asks: from questions, otherwise from question or message, with the answers to choose
// from in options. It is empty if the payload asks nothing.
func (e *Event) Questions() []Question {
	fields := fieldsOf(e.Payload)
	var found []Question
	list, isList := fields["questions"].([]any)
	if !isList && fields["questions"] != nil {
		list = []any{fields["questions"]}
	}
	for _, item := range list {
		found = appendQuestion(found, item)
	}
	options := optionsOf(fields["options"])
	if len(found) == 0 {
		if nested, ok := fields["question"].(map[string]any); ok {
			found = appendQuestion(found, nested)
		} else {
			found = appendQuestion(found, fields)
		}
	}
	if len(options) == 0 {
		return found
	}
	if len(found) == 0 {
		return []Question{{Options: options}}
	}
	if len(found[0].Options) == 0 {
		found[0].Options = options
	}
	return found
}

// appendQuestion appends the question that v holds, if it holds one.
func appendQuestion(list []Question, v any) []Question {
	q := Question{Text: textOf(v, questionNames, 1)}
	if fields, ok := v.(map[string]any); ok {
		q.Options = optionsOf(fields["options"])
	}
	if q.Text == "" && len(q.Options) == 0 {
		return list
	}
	return append(list, q)
}

// optionsOf returns the options in an array of strings, or of objects with label, text, title or value.
func optionsOf(v any) []QuestionOption {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	var options []QuestionOption
	for _, item := range list {
		o := QuestionOption{Label: textOf(item, labelNames, 1)}
		o.Value = o.Label
		if fields, ok := item.(map[string]any); ok {
			if value := textOf(fields["value"], labelNames, 2); value != "" {
				o.Value = value
			}
		}
		if o.Label != "" {
			options = append(options, o)
		}
	}
	return options
}

// fieldsOf returns the fields of a JSON object, nil if it isn't one. encoding/json refuses nesting deeper than 10,000.
func fieldsOf(payload json.RawMessage) map[string]any {
	var fields map[string]any
	if err := json.Unmarshal(payload, &fields); err != nil {
		return nil
	}
	return fields
}

// textOf returns the text in a decoded JSON value: a string, the first named field of an object that has a text, the
// joined parts of an array, or the digits of a number, which options sometimes are.
func textOf(v any, names []string, depth int) string {
	if depth > maxNesting {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case float64:
		if depth == 0 {
			return ""
		}
		digits, err := json.Marshal(v)
		if err != nil {
			return "" // JSON has no such number
		}
		return string(digits)
	case map[string]any:
		for _, name := range names {
			if s := textOf(v[name], names, depth+1); s != "" {
				return s
			}
		}
	case []any:
		var parts []string
		for _, part := range v {
			if s := textOf(part, names, depth+1); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, "\n")
	}
	return ""
}
