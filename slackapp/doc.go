// Package slackapp is the bridge's Slack app: it puts what Slack says into the bridge's words, and what the bridge
// wants into Slack's. It knows the Web API, Socket Mode, Block Kit and mrkdwn. It knows nothing of the agent, of what
// becomes of a message, and of how anything is stored.
//
// # What comes in
//
// [App.Run] keeps some sockets open ([Config.Connections]); Slack sends each event over any one of them. Of each event
// it makes a bridge.Message, a bridge.Deletion, a bridge.Click, or a reason to ignore it, and hands it to an [Inlet].
// Only when the Inlet says that it is on disk is Slack told so; what was not acknowledged Slack sends again.
//
//	connection ─► reader ─► a lane of the crew ─► Inlet (disk) ─► writer ─► the same connection
//
// Reader, lane and writer are goroutines, and none of them waits for one to its right but the lanes. So neither a slow
// disk nor an acknowledgement that can't go out keeps a connection from being read. What can't be taken on in time is
// dropped, unacknowledged, and counted. Messages of one thread keep their order; those of different threads are handed
// over side by side, so that they can share a commit.
//
// Slack asks for another connection every few hours ([goodbye]). The socket opens the next one first, and when Slack
// has said hello on it, the old one is read and its events are acknowledged until Slack closes it ([connection.retire]):
// there is always a connection that Slack can send to, and what it has sent is not thrown away. A connection that fails
// is replaced, too, after a pause; one that brings nothing for 45 seconds, not even an answer to our own pings, has
// failed. There are two sockets, so that Slack has one meanwhile.
//
// This is why Socket Mode is spoken here and not by slack-go, which is asked for the address only. Its client closes a
// connection before it opens the next and discards what is behind the goodbye, writes acknowledgements on whichever
// connection is the next, and locks up for ever when the goroutine that takes its events waits for an acknowledgement
// to go out during an outage. That breaks no promise as long as Slack delivers again, but whether it does when no
// connection was open is not documented.
//
// Still, whatever isn't acknowledged is expected again: the same message may come any number of times, as app_mention
// and as message, in a new envelope, with an edit. All of them come to the same bridge.Message under the same key;
// telling them apart is the store's part.
//
// Of a frame only the envelope is parsed by the reader, and events are decoded from their raw JSON. A field of the
// wrong type stays zero and costs nothing else ([decode]), so such an event takes the same way as all others.
//
// Some events are news of a channel as such: it has another id, we came or we went. They take the same way
// ([Presence]). Slack may keep it to itself that we were removed; a call that it refuses with not_in_channel or
// channel_not_found is bridge.Absent, and tells the same. Whatever is heard in a channel, and its being among those that
// a sweep lists, tells that we are in it.
//
// # The gate
//
// Who may use the bot, and where, is decided in two halves. The first knows only the event, and is a pure function: the
// right workspace, the words of a person, the lists of ids. The second, [App.Vet], asks Slack: guests, people of other
// organisations, deactivated accounts, user groups, channels shared with another organisation. It fails closed.
// Whatever leads to a person's words reaching the agent passes both: mentions, replies, edits, clicks, what is read
// again, and what is found in the thread around a first mention. A message with a bot_id never passes.
//
// # What goes out
//
// Every call of the Web API goes over one [wire], also slack-go's own. It classifies failures by facts: whether the
// request's head left, the HTTP status, Slack's error code. A post whose outcome is unclear is Unsure, and can be found
// by the key in its metadata ([App.Find]); everything else may be repeated. A 429 makes the method rest (for posts: in
// that channel), and a call during the rest is answered without being made; after it they are let through one at a time,
// faster and faster.
//
// What is written goes through slack-go; what is read is decoded here, message by message, because slack-go gives up on
// a whole page for one malformed block.
//
// # What the agent reads
//
// [App.Compose] makes Markdown of the rich_text blocks that Slack's clients send, or of the mrkdwn text where there are
// none or they hold something unknown. Names stand for ids. What was said in the thread before the first mention goes
// along as a quotation, under a label that says that it is information and not an instruction; a display name is one
// short line without markup. Nothing is cut without saying so.
package slackapp
