package slackapp

import (
	"html"
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// command returns what the message asks of the bridge, and the session that it names: it is nothing but a mention, or
// one with one of our words. Anything longer is a task, and the result empty.
func (s botIdentity) command(b messageBody) (command, session string) {
	if len(b.Files) > 0 || len(b.Shares) > 0 {
		return "", ""
	}
	text := b.Text
	for {
		from, to := s.mention(text)
		if from < 0 {
			break
		}
		text = text[:from] + " " + text[to:]
	}
	text = strings.Trim(text, " \t\r\n:,")
	switch word := strings.ToLower(text); word {
	case "":
		return bridge.CommandHelp, ""
	case bridge.CommandHelp, bridge.CommandStatus, bridge.CommandList, bridge.CommandQuiet, bridge.CommandListen, bridge.CommandStop, bridge.CommandNew, bridge.CommandRetry:
		return word, ""
	}
	if words := strings.Fields(text); len(words) == 2 && strings.EqualFold(words[0], bridge.CommandLink) {
		if id := strings.Trim(words[1], "`"); sessionID.MatchString(id) {
			return bridge.CommandLink, id
		}
	}
	return "", ""
}

// sessionID is what can be the id of a session.
var sessionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`)

// maxOptionsText bounds how far into a message its options are looked for.
const maxOptionsText = 500

// parseOptions reads the options that a text begins with, as in [branch=main model=fast]. Brackets without an equals sign
// are ordinary words: people write [WIP].
func parseOptions(text string) []bridge.Option {
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

// trimOptions is the composed text without the options at its beginning.
func trimOptions(text string) string {
	_, rest, found := strings.Cut(text, "]")
	if !found {
		return text
	}
	return strings.TrimSpace(rest)
}

// asideAddressee tells whom people talk to among themselves: with the mark they say so, and in a channel what starts with
// somebody's or a group's name and does not name the bot is for them. It is empty for what is for the bot.
func asideAddressee(text string, mentioned, direct bool) string {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, bridge.AsideMark); ok && (rest == "" || rest[0] <= ' ' || rest[0] == ':') {
		return bridge.AsideMark
	}
	if mentioned || direct || !strings.HasPrefix(text, "<@") && !strings.HasPrefix(text, "<!subteam^") {
		return ""
	}
	name, _, _ := strings.Cut(text[1:], ">")
	name, _, _ = strings.Cut(name, "|")
	if !validID(strings.TrimPrefix(strings.TrimPrefix(name, "@"), "!subteam^")) {
		return bridge.AsideMark
	}
	return "<" + name + ">"
}
