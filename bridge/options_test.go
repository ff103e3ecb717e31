package bridge

import (
	"strings"
	"testing"
)

func TestSessionForOptions(t *testing.T) {
	p := &Policy{Options: []string{OptionBranch, OptionModel}}
	base := SessionOptions{Branch: "main", Model: "slow", AutoCommit: true}
	for _, tt := range []struct {
		name    string
		options []Option
		policy  *Policy
		want    SessionOptions
		mistake OptionMistake
	}{
		{name: "none", want: base},
		{name: "both", options: []Option{{"Branch", "x"}, {"model", "y"}}, want: SessionOptions{Branch: "x", Model: "y", AutoCommit: true}},
		{name: "alike", options: []Option{{"brnach", "x"}}, mistake: MistakeUnknown},
		{name: "unlike", options: []Option{{"colour", "x"}}, mistake: MistakeUnknown},
		{name: "no value", options: []Option{{"branch", ""}}, mistake: MistakeEmpty},
		{name: "twice", options: []Option{{"branch", "a"}, {"branch", "b"}}, mistake: MistakeTwice},
		{name: "endless", options: []Option{{"branch", strings.Repeat("x", 201)}}, mistake: MistakeTooLong},
		{name: "not allowed", options: []Option{{"model", "x"}}, policy: &Policy{Options: []string{OptionBranch}}, mistake: MistakeUnknown},
		{name: "switched off", options: []Option{{"model", "x"}}, policy: &Policy{}, mistake: MistakeUnknown},
	} {
		policy := p
		if tt.policy != nil {
			policy = tt.policy
		}
		got, note := policy.sessionFor(base, tt.options)
		mistake := OptionMistake("")
		if note != nil {
			mistake = note.Mistake
		}
		if mistake != tt.mistake || mistake == "" && got != tt.want {
			t.Errorf("%s: got %+v, %q, want %+v, %q", tt.name, got, mistake, tt.want, tt.mistake)
		}
	}
}
