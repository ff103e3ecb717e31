package slackapp

import (
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/content"
)

// botIdentity is who we are, by auth.test (https://docs.slack.dev/reference/methods/auth.test).
type botIdentity struct {
	// Team installed the app, Enterprise is the organisation of that workspace, if it is in one.
	Team, Enterprise string
	// User and Bot are the two ids of our bot user, Name is what it is called.
	User, Bot, Name string
	// URL is where the workspace is, with a slash at its end.
	URL string
}

// isAddressee reports whether an event is meant for our installation. In an Enterprise organisation it may come from a
// sister workspace.
func (s botIdentity) isAddressee(c eventPayload) bool {
	if s.owns(c.workspace) {
		return true
	}
	for _, g := range c.Authorizations {
		if s.owns(g) {
			return true
		}
	}
	return false
}

func (s botIdentity) owns(o workspace) bool {
	return s.Team != "" && (o.Team == s.Team || o.Context == s.Team) ||
		s.Enterprise != "" && (o.Enterprise == s.Enterprise || o.ContextEnt == s.Enterprise)
}

// slackbot speaks for Slack itself and has no bot_id.
const slackbot = "USLACKBOT"

// isApp reports whether an app said it, ours or any other: nothing that a bot says ever triggers us.
func (s botIdentity) isApp(u slackMessage, appID string) bool {
	return u.BotID != "" || u.Subtype == "bot_message" || u.User == s.User || u.User == slackbot ||
		u.AppID != "" && u.AppID == appID
}

// isOurs reports whether we said it.
func (s botIdentity) isOurs(u slackMessage) bool {
	return u.User != "" && u.User == s.User || u.BotID != "" && u.BotID == s.Bot
}

// isMentionedIn reports whether the message names the bot.
func (s botIdentity) isMentionedIn(b messageBody) bool {
	if i, _ := s.mention(b.Text); i >= 0 {
		return true
	}
	return content.Mentions(b.Blocks, s.User)
}

// mention finds the first mention of the bot in mrkdwn: from and to where. from is -1 when there is none.
func (s botIdentity) mention(text string) (from, to int) {
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

// textAfterMention is the text without the mention of the bot at its beginning.
func (s botIdentity) textAfterMention(text string) string {
	if from, to := s.mention(text); from >= 0 && strings.TrimSpace(text[:from]) == "" {
		return strings.TrimLeft(text[to:], " :,")
	}
	return text
}
