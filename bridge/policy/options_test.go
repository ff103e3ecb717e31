package policy

import (
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestSessionForOptions(t *testing.T) {
	p := &Policy{Options: []string{bridge.OptionBranch, bridge.OptionModel}}
	base := bridge.SessionOptions{Branch: "main", Model: "slow", AutoCommit: true}
	for _, tt := range []struct {
		name    string
		options []bridge.Option
		policy  *Policy
		want    bridge.SessionOptions
		mistake bridge.OptionMistake
	}{
		{name: "none", want: base},
		{name: "both", options: []bridge.Option{{Name: "Branch", Value: "x"}, {Name: "model", Value: "y"}}, want: bridge.SessionOptions{Branch: "x", Model: "y", AutoCommit: true}},
		{name: "alike", options: []bridge.Option{{Name: "brnach", Value: "x"}}, mistake: bridge.MistakeUnknown},
		{name: "unlike", options: []bridge.Option{{Name: "colour", Value: "x"}}, mistake: bridge.MistakeUnknown},
		{name: "no value", options: []bridge.Option{{Name: "branch", Value: ""}}, mistake: bridge.MistakeEmpty},
		{name: "twice", options: []bridge.Option{{Name: "branch", Value: "a"}, {Name: "branch", Value: "b"}}, mistake: bridge.MistakeTwice},
		{name: "endless", options: []bridge.Option{{Name: "branch", Value: strings.Repeat("x", 201)}}, mistake: bridge.MistakeTooLong},
		{name: "not allowed", options: []bridge.Option{{Name: "model", Value: "x"}}, policy: &Policy{Options: []string{bridge.OptionBranch}}, mistake: bridge.MistakeUnknown},
		{name: "switched off", options: []bridge.Option{{Name: "model", Value: "x"}}, policy: &Policy{}, mistake: bridge.MistakeUnknown},
	} {
		policy := p
		if tt.policy != nil {
			policy = tt.policy
		}
		got, note := policy.SessionFor(base, tt.options)
		mistake := bridge.OptionMistake("")
		if note != nil {
			mistake = note.Mistake
		}
		if mistake != tt.mistake || mistake == "" && got != tt.want {
			t.Errorf("%s: got %+v, %q, want %+v, %q", tt.name, got, mistake, tt.want, tt.mistake)
		}
	}
}
