package agen_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

func TestPayloads(t *testing.T) {
	type want struct {
		text      string
		questions []agen.Question
		file      string
	}
	ask := func(text string, options ...agen.QuestionOption) []agen.Question {
		return []agen.Question{{Text: text, Options: options}}
	}
	same := func(label string) agen.QuestionOption { return agen.QuestionOption{Label: label, Value: label} }
	for payload, want := range map[string]want{
		``:                                       {},
		`null`:                                   {},
		`{}`:                                     {},
		`[]`:                                     {},
		`17`:                                     {},
		`{`:                                      {},
		`"spoken"`:                               {text: "spoken"},
		`{"message":"m","text":"t"}`:             {text: "m", questions: ask("m")},
		`{"message":"","text":"t"}`:              {text: "t", questions: ask("t")},
		`{"message":null,"content":"c"}`:         {text: "c", questions: ask("c")},
		`{"message":7,"summary":"s"}`:            {text: "7", questions: ask("7")},
		`{"summary":"s"}`:                        {text: "s"},
		`{"content":[{"text":"a"},"b",null,[]]}`: {text: "a\nb", questions: ask("a\nb")},
		`{"message":{"text":"deep"}}`:            {text: "deep", questions: ask("deep")},
		`{"path":"a.go"}`:                        {file: "a.go"},
		`{"path":"","file_path":"b.go"}`:         {file: "b.go"},
		`{"file":{"path":"c.go"}}`:               {file: "c.go"},
		`{"file":{"name":"d.go"}}`:               {file: "d.go"},
		`{"path":{},"file":["e.go"]}`:            {file: "e.go"},
		`{"question":"Which?","options":["a","b"]}`: {
			questions: ask("Which?", same("a"), same("b")),
		},
		`{"question":{"text":"Which?","options":["a"]}}`: {questions: ask("Which?", same("a"))},
		`{"question":"Which?","options":[{"label":"A","value":"a"},{"text":"B"},{"title":"C","value":3},{"value":"d"},{},null,4]}`: {
			questions: ask("Which?", agen.QuestionOption{Label: "A", Value: "a"}, same("B"), agen.QuestionOption{Label: "C", Value: "3"}, same("d"), same("4")),
		},
		`{"questions":["One?",{"question":"Two?","options":["x"]},{"message":"Three?"},{},null]}`: {
			questions: []agen.Question{{Text: "One?"}, {Text: "Two?", Options: []agen.QuestionOption{same("x")}}, {Text: "Three?"}},
		},
		`{"questions":["One?"],"options":["y"]}`:        {questions: ask("One?", same("y"))},
		`{"questions":"One?","options":"y"}`:            {questions: ask("One?")},
		`{"questions":[],"question":"Q","message":"M"}`: {text: "M", questions: ask("Q")},
		`{"options":["y"]}`:                             {questions: ask("", same("y"))},
		`{"options":{"a":"b"},"questions":{"a":17}}`:    {},
	} {
		e := agen.Event{Payload: json.RawMessage(payload)}
		if got := e.Text(); got != want.text {
			t.Errorf("%s: got text %q, want %q", payload, got, want.text)
		}
		if got := e.File(); got != want.file {
			t.Errorf("%s: got file %q, want %q", payload, got, want.file)
		}
		if got := e.Questions(); !reflect.DeepEqual(got, want.questions) {
			t.Errorf("%s: got questions %+v, want %+v", payload, got, want.questions)
		}
	}
}

func TestUserMessage(t *testing.T) {
	for payload, want := range map[string]string{
		`{"type":"user_message","message":"m"}`: "m",
		`{"message":""}`:                        "",
		`{"message":7}`:                         "none",
		`{"text":"t"}`:                          "none",
		`null`:                                  "none",
	} {
		e := agen.Event{Payload: json.RawMessage(payload)}
		got, ok := e.UserMessage()
		if !ok {
			got.Message = "none"
		}
		if got.Message != want {
			t.Errorf("%s: got %q, want %q", payload, got.Message, want)
		}
	}
}

func TestLookup(t *testing.T) {
	e := agen.Event{Payload: json.RawMessage(`{"branch":"","branch_name":"fix","url":{"a":1}}`)}
	if got := e.Lookup("branch", "branch_name"); got != "fix" {
		t.Errorf("got %q, want fix", got)
	}
	if got := e.Lookup("url", "none"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}
