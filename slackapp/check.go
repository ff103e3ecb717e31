package slackapp

import (
	"context"
	"net/url"

	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Report is what Check found. The errors are Faults or nil.
type Report struct {
	// Bot is what is wrong with the bot token. Team, User and Name tell who we are when it is nil.
	Bot              error
	Team, User, Name string
	// Granted are the bot token's scopes; Missing are the needed ones that are not among them, optional ones too.
	Granted []string
	Missing []Scope
	// Threads is what keeps the app from reading threads in channels. It is nil, too, when Bot isn't.
	Threads error
	// App is what is wrong with the app token, or with opening a socket. Foreign is how many sockets our app has open
	// already when it is nil: those of a running bridge, or of somebody else.
	App     error
	Foreign int
}

// Check tries what the bridge needs of Slack, for an operator, and changes nothing. It opens a socket for a moment:
// an event that comes over it meanwhile is not acknowledged, so that Slack sends it again to a bridge that runs.
func (a *App) Check(ctx context.Context) Report {
	var r Report
	me, head, err := a.auth.test(ctx)
	if err != nil {
		r.Bot = webapi.AsFault(err)
	} else {
		r.Team, r.User, r.Name = me.Team, me.User, me.Name
		r.Granted = scopesIn(head)
		r.Missing = missingScopes(r.Granted)
		r.Threads = a.probeThreads(ctx)
	}
	connections, err := a.probeSocket(ctx)
	r.App = webapi.AsFault(err)
	r.Foreign = max(0, connections-1)
	return r
}

// absentTS is the ts of no message.
const absentTS = "1000000000.000000"

// probeThreads asks for a thread that doesn't exist, in a channel that does if there is one: the method's page says
// that bot tokens can't read channels, practice says they can
// (https://docs.slack.dev/reference/methods/conversations.replies).
func (a *App) probeThreads(ctx context.Context) error {
	var mine struct {
		Channels []idObject `json:"channels"`
	}
	c := webapi.Call{Method: "users.conversations"}
	form := url.Values{"limit": {"1"}, "exclude_archived": {"true"}, "types": {"public_channel"}}
	if _, err := a.api.Call(ctx, c, form, &mine); err != nil {
		return err
	}
	channel := "C0000000000"
	if len(mine.Channels) > 0 {
		channel = mine.Channels[0].ID
	}
	err := a.readThread(ctx, location{channel, absentTS}, readOptions{}, func(slackMessage) error { return errStopReading })
	switch webapi.ErrorCode(err) {
	case "thread_not_found", "message_not_found", "channel_not_found":
		return nil
	default:
		return err
	}
}

// probeSocket opens a socket and returns how many our app has then.
func (a *App) probeSocket(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, webapi.OpenTimeout)
	defer cancel()
	return a.sockets.Probe(ctx)
}
