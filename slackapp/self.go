package slackapp

import (
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/content"
)

// self is who we are, by auth.test (https://docs.slack.dev/reference/methods/auth.test).
type self struct {
	// Team installed the app, Enterprise is the organisation of that workspace, if it is in one.
	Team, Enterprise string
	// User and Bot are the two ids of our bot user, Name is what it is called.
	User, Bot, Name string
	// URL is where the workspace is, with a slash at its end.
	URL string
}

// isFor reports whether an event is meant for our installation. In an Enterprise organisation it may come from a
// sister workspace.
func (s self) isFor(c callback) bool {
	if s.owns(c.origin) {
		return true
	}
	for _, g := range c.Grantees {
		if s.owns(g) {
			return true
		}
	}
	return false
}

func (s self) owns(o origin) bool {
	return s.Team != "" && (o.Team == s.Team || o.Context == s.Team) ||
		s.Enterprise != "" && (o.Enterprise == s.Enterprise || o.ContextEnt == s.Enterprise)
}

// slackbot speaks for Slack itself and has no bot_id.
const slackbot = "USLACKBOT"

// isApp reports whether an app said it, ours or any other: nothing that a bot says ever triggers us.
func (s self) isApp(u utterance, appID string) bool {
	return u.BotID != "" || u.Subtype == "bot_message" || u.User == s.User || u.User == slackbot ||
		u.AppID != "" && u.AppID == appID
}

// isOurs reports whether we said it.
func (s self) isOurs(u utterance) bool {
	return u.User != "" && u.User == s.User || u.BotID != "" && u.BotID == s.Bot
}

// mentionedIn reports whether the message names the bot.
func (s self) mentionedIn(b body) bool {
	if i, _ := s.mention(b.Text); i >= 0 {
		return true
	}
	return content.Mentions(b.Blocks, s.User)
}

// mention finds the first mention of the bot in mrkdwn: from and to where. from is -1 when there is none.
func (s self) mention(text string) (from, to int) {
	mark := "<@" + s.User
	for at := 0; ; {
		i := strings.Index(text[at:], mark)
		if i < 0 {
			return -1, -1
		}
		from = at + i
		rest := text[from+len(mark):]
		if end := strings.IndexByte(rest, '>'); end == 0 || end > 0 && rest[0] == '|' {
			return from, from + len(mark) + end + 1
		}
		at = from + len(mark)
	}
}

// afterMention is the text without the mention of the bot at its beginning.
func (s self) afterMention(text string) string {
	if from, to := s.mention(text); from >= 0 && strings.TrimSpace(text[:from]) == "" {
		return strings.TrimLeft(text[to:], " :,")
	}
	return text
}

// command returns what the message asks of the bridge, and the session that it names: it is nothing but a mention, or
// one with one of our words. Anything longer is a task, and the result empty.
func (s self) command(b body) (command, session string) {
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
