package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// distinctOptions returns the options that a person can see and tell apart. One
// without a label is shown as its value, and left out if that is blank as well. The
// same option counts once; of different ones with the same label, the values stand
// beside the labels.
func distinctOptions(offered []agen.QuestionOption) []bridge.QuestionOption {
	var options []bridge.QuestionOption
	labels := map[string]int{}
	for _, o := range offered {
		if isBlank(o.Label) {
			o.Label = o.Value
		}
		if isBlank(o.Value) {
			o.Value = o.Label
		}
		option := bridge.QuestionOption(o)
		if isBlank(o.Label) || slices.Contains(options, option) {
			continue
		}
		labels[normalLabel(o.Label)]++
		options = append(options, option)
	}
	for i, o := range options {
		if labels[normalLabel(o.Label)] > 1 && normalLabel(o.Value) != normalLabel(o.Label) {
			options[i].Label += " (" + o.Value + ")"
		}
	}
	return options
}

// normalLabel is the label as people see it on a button.
func normalLabel(label string) string { return strings.Join(strings.Fields(label), " ") }

// isBlank reports whether nothing of a text can be seen.
func isBlank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && unicode.IsGraphic(r) }) < 0
}
