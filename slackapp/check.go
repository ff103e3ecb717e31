package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// Report is the result of Check. The errors are Faults or nil.
type Report struct {
	// Bot says what is wrong with the bot token. If it is nil, Team, User and Name say who we are.
	Bot              error
	Team, User, Name string
	// Granted are the bot token's scopes, Missing those that it lacks, including optional ones.
	Granted []string
	Missing []Scope
	// Channels are the channels that the bot is in. They are not known if Bot or Threads isn't nil.
	Channels []Named
	// Threads says what keeps the app from reading threads in channels. If Bot isn't nil, it is not checked.
	Threads error
	// App says what is wrong with the app token, or with opening a socket. If it is nil, Foreign is how many other sockets
	// our app has open: those of a running bridge, or of another program.
	App     error
	Foreign int
}

// Check tests for an operator what the bridge needs of Slack. It changes nothing. For a moment it opens a socket: an event
// that Slack sends over it meanwhile is not acknowledged, so Slack delivers it again, to a running bridge.
func (a *App) Check(ctx context.Context) Report {
	var r Report
	me, head, err := a.auth.test(ctx)
	if err != nil {
		r.Bot = webapi.AsFault(err)
	} else {
		r.Team, r.User, r.Name = me.Team, me.User, me.Name
		r.Granted = scopesIn(head)
		r.Missing = missingScopes(r.Granted)
		if r.Channels, r.Threads = a.ownChannels(ctx); r.Threads == nil {
			r.Threads = a.probeThreads(ctx, r.Channels)
		}
	}
	connections, err := a.probeSocket(ctx)
	r.App = webapi.AsFault(err)
	r.Foreign = max(0, connections-1)
	return r
}

// absentTS is a ts that no message has.
const absentTS = "1000000000.000000"

// probeThreads asks for a thread that doesn't exist, if possible in a channel that does. The documentation says that bot
// tokens can't read threads in channels, but they can
// (https://docs.slack.dev/reference/methods/conversations.replies).
func (a *App) probeThreads(ctx context.Context, channels []Named) error {
	channel := "C0000000000"
	if len(channels) > 0 {
		channel = channels[0].ID
	}
	err := a.readThread(ctx, location{channel, absentTS}, readOptions{}, func(slackMessage) error { return errStopReading })
	switch webapi.ErrorCode(err) {
	case "thread_not_found", "message_not_found", "channel_not_found":
		return nil
	default:
		return err
	}
}

// probeSocket opens a socket and returns how many sockets our app has then.
func (a *App) probeSocket(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, webapi.OpenTimeout)
	defer cancel()
	return a.sockets.Probe(ctx)
}
