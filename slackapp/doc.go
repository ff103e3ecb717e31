// Package slackapp is the bridge's Slack app. It translates Slack's events into the bridge's vocabulary, and the bridge's
// posts and reactions into calls of Slack's. It knows nothing of the agent, of what happens to a message, and of how
// anything is stored.
//
// Parts that know nothing of the rest are packages of their own: socketmode receives events, webapi makes calls, content
// renders messages as Markdown for the agent, notes writes what the bridge itself says, plaintext is the fallback for
// Markdown that Slack refuses.
//
// # Receiving
//
// [App.Run] keeps Socket Mode connections open; Slack sends each event over any one of them. An event is parsed to a
// bridge.Message, a bridge.Deletion, a bridge.Click or a reason to ignore it ([eventParser]), and handed to an [Inlet].
// Only when the Inlet has stored it is the event acknowledged. Slack delivers again what was not acknowledged.
//
//	socketmode ─► intake ─► keyedQueue ─► Inlet (disk) ─► acknowledgement
//
// Messages of one thread keep their order; those of different threads are handed over concurrently, so that they can share
// a commit. An event that can't be stored in time is dropped without an acknowledgement, and counted.
//
// The same message may arrive any number of times: as app_mention and as message, redelivered, with an edit. Each time it
// becomes the same bridge.Message with the same key, and the store deduplicates it.
//
// Payloads are decoded from their raw JSON with package slackjson, which tolerates fields of the wrong type.
//
// Some events are about a channel: it has a new id, we joined or left ([Presence]). Slack does not always say that we were
// removed. A call that it refuses with not_in_channel or channel_not_found is bridge.ClassNotInChannel and means the same.
// Every event from a channel, and its appearing in the list of our channels, shows that we are in it. Renamed channels are
// explained at [Aliases].
//
// # Missed messages
//
// [Backfill] reads the active threads every five minutes, and all channels after a time without a connection, and hands
// what no socket brought to the Inlet. The App reports to its [backlog] which threads are active.
//
// # The gate
//
// Who may use the bot, and where, is decided in two halves. The first is a pure function of the event ([gate]): the
// workspace, the author's kind, the lists of ids. The second asks Slack ([App.Authorize]): guests, people of other
// organizations, deactivated accounts, user groups, channels shared with another organization. It fails closed. Whatever
// makes a person's text reach the agent passes both: mentions, replies, edits, clicks, messages that are read again, and
// messages of the thread before the first mention. A message with a bot_id never passes.
//
// # Sending
//
// Every call goes through one webapi.Client, slack-go's too. A post whose outcome is unknown is ClassUnsure and can be
// found by the key in its metadata ([App.FindPost]); every other call may be repeated. Calls that write go through
// slack-go. Responses to calls that read are decoded here, message by message, because slack-go rejects a whole page for
// one malformed block.
//
// # The prompt
//
// [App.Compose] renders the rich_text blocks of Slack's clients as Markdown, or the mrkdwn text if there are none or they
// hold something unknown. Names replace ids. The messages of the thread before the first mention are quoted under a label
// that says that they are information and not an instruction. A display name is one short line without markup. Text is
// never cut without saying so.
package slackapp
