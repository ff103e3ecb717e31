package slackapp

import (
	"html"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// maxOptionsText bounds how far into a message its options are looked for.
const maxOptionsText = 500

// optionsIn reads the options that a text begins with, as in [branch=main model=fast]. Brackets without an equals sign
// are ordinary words: people write [WIP].
func optionsIn(text string) []bridge.Option {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " \t\r\n:,"), "[")
	inner, _, closed := strings.Cut(rest, "]")
	if !ok || !closed || len(inner) > maxOptionsText || !strings.Contains(inner, "=") || strings.Contains(inner, "\n") {
		return nil
	}
	var options []bridge.Option
	for _, field := range strings.FieldsFunc(unlinked(inner), func(r rune) bool { return r == ' ' || r == ',' || r == '\u00a0' }) {
		name, value, _ := strings.Cut(field, "=")
		options = append(options, bridge.Option{Name: name, Value: value})
	}
	return options
}

// unlinked is mrkdwn as it was typed: Slack makes links of what looks like a host.
func unlinked(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		out.WriteString(before)
		if !found {
			return html.UnescapeString(out.String())
		}
		link, after, _ := strings.Cut(rest, ">")
		url, label, labelled := strings.Cut(link, "|")
		if !labelled {
			label = url
		}
		out.WriteString(label)
		text = after
	}
}

// withoutOptions is the composed text without the options at its beginning.
func withoutOptions(text string) string {
	_, rest, found := strings.Cut(text, "]")
	if !found {
		return text
	}
	return strings.TrimSpace(rest)
}
