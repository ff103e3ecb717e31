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
		mistake string
	}{
		{name: "none", want: base},
		{name: "both", options: []Option{{"Branch", "x"}, {"model", "y"}}, want: SessionOptions{Branch: "x", Model: "y", AutoCommit: true}},
		{name: "alike", options: []Option{{"brnach", "x"}}, mistake: "I don't know the option `brnach`. Did you mean `branch`?"},
		{name: "unlike", options: []Option{{"colour", "x"}}, mistake: "I don't know the option `colour`."},
		{name: "with markup", options: []Option{{"<!channel>", "x"}}, mistake: "I don't know the option `&lt;!channel&gt;`."},
		{name: "no value", options: []Option{{"branch", ""}}, mistake: "`branch` has no value: write `[branch=…]`."},
		{name: "twice", options: []Option{{"branch", "a"}, {"branch", "b"}}, mistake: "`branch` is given twice."},
		{name: "endless", options: []Option{{"branch", strings.Repeat("x", 201)}}, mistake: "the value of `branch` is longer than 200 characters."},
		{name: "not allowed", options: []Option{{"model", "x"}}, policy: &Policy{Options: []string{OptionBranch}}, mistake: "I don't know the option `model`."},
		{name: "switched off", options: []Option{{"model", "x"}}, policy: &Policy{}, mistake: "options are switched off here."},
	} {
		policy := p
		if tt.policy != nil {
			policy = tt.policy
		}
		got, mistake := policy.sessionFor(base, tt.options)
		if mistake != tt.mistake || mistake == "" && got != tt.want {
			t.Errorf("%s: got %+v, %q, want %+v, %q", tt.name, got, mistake, tt.want, tt.mistake)
		}
	}
}
