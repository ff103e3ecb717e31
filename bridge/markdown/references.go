package markdown

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// reference finds what may be a link whose target is defined elsewhere: [words][label] or [label].
var reference = regexp.MustCompile(`\[((?:[^\[\]\\]|\\.)+)\]`)

// labelOf is the label of a link as it is compared (https://spec.commonmark.org/0.31.2/#matches).
func labelOf(label string) string { return strings.ToLower(strings.Join(strings.Fields(label), " ")) }

// withDefinitions splits a neutralized text like neutralParts. The definitions that links in a part need stand at the end
// of the part, as far as there is room, and a part of nothing but definitions, in which there is nothing to see, is left
// out.
func withDefinitions(text string, limit int) []string {
	parts := neutralParts(text, limit)
	defined := readCode(text).definitions
	if len(parts) < 2 || len(defined) == 0 {
		return parts
	}
	room := 0
	for _, d := range defined {
		room += units(d) + 2
	}
	var out []string
	for _, part := range neutralParts(text, limit-min(room, limit/2)) {
		r := readCode(part)
		if r.onlyDefinitions {
			continue
		}
		needed := map[string]string{}
		for _, m := range reference.FindAllStringSubmatch(part, -1) {
			if label := labelOf(m[1]); r.definitions[label] == "" && defined[label] != "" {
				needed[label] = defined[label]
			}
		}
		between := "\n\n"
		for _, label := range slices.Sorted(maps.Keys(needed)) {
			if more := between + needed[label]; units(part)+units(more) <= limit {
				part, between = part+more, "\n"
			}
		}
		out = append(out, part)
	}
	return out
}
