// Package slacktest is a fake Slack for tests: the Web API and Socket Mode of one workspace with one installed app, people
// who write and click, and faults on demand. It knows Slack's protocol and nothing of the app under test, not even its Go
// library: it works with Bolt for JavaScript, too.
//
// # In a test
//
//	slack := slacktest.NewStarted(t, slacktest.Config{})
//	ann := slack.AddUser(slacktest.User{Name: "ann"})
//	dev := slack.AddChannel(slacktest.Channel{Name: "dev"})
//	// … connect the app under test to slack.APIURL with the tokens of slack.Config()
//	ts := slack.Say(ann.ID, dev.ID, "<@U0AGEN> the login test is flaky")
//	slack.WaitFor("an answer", func() bool { return len(slack.Thread(dev.ID, ts)) == 2 })
//	fmt.Println(slack.RenderThread(dev.ID, ts))
//
// [NewStarted] listens on the loopback interface; [NewInMemory] does the same over a [Pipe], inside a testing/synctest
// bubble. Without *testing.T: [New], [Server.Serve] on any net.Listener (or as an http.Handler), [Server.Close]; the
// server's goroutines and timers all end before Close returns. Nothing in it polls or sleeps.
//
// # The world
//
// [Server.AddUser], [Server.AddGroup], [Server.AddChannel] and [Server.DM] set it up; ids follow from names (ann is U0ANN,
// dev is C0DEV) so that tests can write them down. The app is U0AGEN, its bot B0AGEN. [Server.Say], [Server.Edit],
// [Server.Delete], [Server.Unfurl], [Server.React], [Server.Unreact], [Server.Click], [Server.Join], [Server.InviteBot],
// [Server.KickBot], [Server.OpenHome] and [Server.ChangeChannelID] are what people do. Each produces the events that Slack
// sends to the app, and nothing else:
//
//   - A mention is `message` and `app_mention`, in any order. An edited message with a mention is
//     `message_changed` and `app_mention`.
//   - A link preview is `message_changed` without a new `edited`. That of a permalink is the message that it leads to.
//   - A forwarded message ([Server.Forward]) is an attachment of the new one, with the blocks and files of the old one.
//   - A deleted root that has replies is `message_changed` to a tombstone.
//
// [Server.SendEvent], [Server.SendEnvelope] and [Server.SendFrame] send what no action produces.
//
// # Sockets
//
// Every event goes to any one of the open sockets, chosen by [Config.Seed]. An event that is not acknowledged within 3 s is
// delivered again in a new envelope with the same event_id: immediately, after 1 min and after 5 min. An acknowledgement
// after the deadline does not count. Interactions are never delivered again. Sources disagree on whether an event waits for
// a socket when none is open: [Config.Offline] has both behaviors. [Server.Disconnect], [Server.Hangup], [Server.Cut],
// [Server.StopEvents] and [Server.HalfOpen] close or disturb sockets.
//
// # Faults
//
// [Server.Inject] adds a [Fault] for requests, [Server.InjectEvent] an [EventFault] for deliveries. Rules are tried in
// order; the first that fits a request is the only one. The most useful is [LoseAnswer]: the request is applied,
// and the client never receives the response. [Config.Limits] with [SlackLimits] turns on rate limits.
//
// # Assertions
//
// [Server.Thread], [Server.Messages], [Server.Message], [Server.Reactions] (the app's), [Server.Ephemerals],
// [Server.Requests], [Server.Unexpected], [Server.Deliveries], [Server.Acks], [Server.Acked], [Server.Sockets],
// [Server.Statuses] and [Server.View] return copies. [Server.RenderThread] and [Server.RenderChannel] show what people see.
// [Server.Wait] waits for any condition over them and is woken by every change. [Server.OnRequest], [Server.OnApplied],
// [Server.OnAnswered] and [Server.OnAck] are the points at which a test can kill the app.
//
// # Where Slack is not documented
//
// These are guesses:
//
//   - A ticket is valid for 30 s, and the ping interval is 10 s.
//   - An acknowledgement counts on any socket, unless [Config.StrictAcks] is set.
//   - conversations.replies returns the parent on every page, unless [Config.ParentOnce] is set.
//   - edited.ts is unique, unless [Config.CoarseEdits] is set.
//   - chat.postMessage ignores a thread_ts that does not exist, and the post lands in the channel. [Unthreaded] does so
//     where it exists.
//   - An ephemeral message in a thread without a reply is not shown.
//   - A message has at most 23 reactions of one person, and 50 different ones.
package slacktest
