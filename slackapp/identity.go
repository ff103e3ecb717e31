package slackapp

// botIdentity is our account, as auth.test returns it (https://docs.slack.dev/reference/methods/auth.test).
type botIdentity struct {
	// Team is the workspace that installed the app, Enterprise its organization, if it belongs to one.
	Team, Enterprise string
	// User and Bot are the two ids of our bot user, Name is its name.
	User, Bot, Name string
	// App is the id of our app, which events name (api_app_id). It is empty if Slack did not tell it.
	App string
	// URL is the address of the workspace, with a slash at its end.
	URL string
}

// isOtherApp reports whether an event or a click was sent to another app than ours: then the app token is not of the same
// app as the bot token.
func (me botIdentity) isOtherApp(appID string) bool {
	return me.App != "" && appID != "" && appID != me.App
}

// isAddressee reports whether an event is meant for our installation. In an Enterprise organization it may name another
// workspace of the organization.
func (me botIdentity) isAddressee(e eventPayload) bool {
	if me.owns(e.workspace) {
		return true
	}
	for _, g := range e.Authorizations {
		if me.owns(g) {
			return true
		}
	}
	return false
}

func (me botIdentity) owns(w workspace) bool {
	return me.Team != "" && (w.Team == me.Team || w.Context == me.Team) ||
		me.Enterprise != "" && (w.Enterprise == me.Enterprise || w.ContextEnt == me.Enterprise)
}

// slackbot is the user that posts for Slack itself. It has no bot_id.
const slackbot = "USLACKBOT"

// isApp reports whether an app posted the message, ours or any other. Nothing that a bot posts triggers the bridge.
func (me botIdentity) isApp(msg slackMessage, appID string) bool {
	return msg.BotID != "" || msg.Subtype == "bot_message" || msg.User == me.User || msg.User == slackbot ||
		msg.AppID != "" && msg.AppID == appID
}

// isOurs reports whether we posted the message.
func (me botIdentity) isOurs(msg slackMessage) bool {
	return msg.User != "" && msg.User == me.User || msg.BotID != "" && msg.BotID == me.Bot
}
