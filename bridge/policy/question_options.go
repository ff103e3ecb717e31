package policy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// distinctOptions returns the options that a person can see and distinguish. An option
// without a label is shown as its value, and left out if the value is blank as well.
// Duplicates are removed. If different options have the same label, their values are
// added to the labels.
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

// normalLabel returns the label as a button shows it.
func normalLabel(label string) string { return strings.Join(strings.Fields(label), " ") }

// isBlank reports whether the text has no visible characters.
func isBlank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) && unicode.IsGraphic(r) }) < 0
}
