package slackapp

import (
	"html"
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// command returns the command that a message is, and the session that it names. A command is a mention followed by one of
// our words, or by nothing, which means help. Anything longer is a task for the agent, and the result is empty.
func (me botIdentity) command(b messageBody) (command, session string) {
	if len(b.Files) > 0 || len(b.Shares) > 0 || len(b.Attachments) > 0 {
		return "", ""
	}
	text := b.Text
	for {
		from, to := content.Mention(text, me.User)
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

// sessionID matches what has the form of a session's id.
var sessionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`)

// maxOptionsText limits the length of the options, in bytes.
const maxOptionsText = 500

// parseOptions parses the options that a text begins with, as in [branch=main model=fast]. Brackets without an equals sign
// are ordinary text: people write [WIP].
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

// unlinked returns mrkdwn as it was typed: Slack turns what looks like a host into a link.
func unlinked(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		out.WriteString(before)
		if !found {
			return html.UnescapeString(out.String())
		}
		link, after, _ := strings.Cut(rest, ">")
		url, label, labeled := strings.Cut(link, "|")
		if !labeled {
			label = url
		}
		out.WriteString(label)
		text = after
	}
}

// trimOptions returns a composed text without the options at its beginning.
func trimOptions(text string) string {
	_, rest, found := strings.Cut(text, "]")
	if !found {
		return text
	}
	return strings.TrimSpace(rest)
}

// asideAddressee returns whom a message is addressed to if it isn't the bot, and otherwise an empty string. With the aside
// mark people say so. In a channel, a message that begins with the mention of a person or a group, and does not mention
// the bot, is for them.
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
