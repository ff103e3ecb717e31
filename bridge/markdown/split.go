package markdown

import (
	"maps"
	"regexp"
	"slices"
)

// reference finds what may be a link whose target is defined elsewhere: [words][label] or [label].
var reference = regexp.MustCompile(`\[((?:[^\[\]\\]|\\.)+)\]`)

// Split cuts a Markdown text into parts, each of which is a document of its own, has at most limit characters, is at most
// MaxBlocks rendered blocks, and notifies nobody. The package comment says where it cuts and what it promises. Characters
// are UTF-16 code units. A text of nothing but white space and empty quotes has no parts.
//
// For Slack's markdown blocks the limit is 12,000, for all of those in a message together
// (https://docs.slack.dev/reference/block-kit/blocks/markdown-block).
func Split(text string, limit int) []string {
	return withDefinitions(fenceIndented(neutralize(clean(text)), limit), limit)
}

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
