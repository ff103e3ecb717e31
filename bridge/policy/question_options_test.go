package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

func TestOptionsThatPeopleCanTellApart(t *testing.T) {
	type option = bridge.QuestionOption
	for name, c := range map[string]struct {
		offered []agen.QuestionOption
		want    []option
	}{
		"as they are":        {[]agen.QuestionOption{{Label: "a", Value: "A"}, {Label: "b", Value: "B"}}, []option{{Label: "a", Value: "A"}, {Label: "b", Value: "B"}}},
		"blank":              {[]agen.QuestionOption{{}, {Label: " \t\n"}, {Label: "\u200b\u2060"}, {Label: "b", Value: "B"}}, []option{{Label: "b", Value: "B"}}},
		"without a label":    {[]agen.QuestionOption{{Label: "\u00a0", Value: "B"}}, []option{{Label: "B", Value: "B"}}},
		"without a value":    {[]agen.QuestionOption{{Label: "b"}}, []option{{Label: "b", Value: "b"}}},
		"twice":              {[]agen.QuestionOption{{Label: "a", Value: "A"}, {Label: "a", Value: "A"}}, []option{{Label: "a", Value: "A"}}},
		"two with one label": {[]agen.QuestionOption{{Label: "yes", Value: "y1"}, {Label: "yes ", Value: "y2"}}, []option{{Label: "yes (y1)", Value: "y1"}, {Label: "yes  (y2)", Value: "y2"}}},
		"all blank":          {[]agen.QuestionOption{{}, {Label: " "}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, distinctOptions(c.offered)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
