// Package socketmode receives events over Slack's Socket Mode
// (https://docs.slack.dev/apis/events-api/using-socket-mode). It keeps WebSocket connections open, hands the envelopes
// that they bring to a handler, and acknowledges them on the connection that brought them. It knows nothing of what is
// in an envelope.
//
//	connection: reader ─► handler ─► … ─► Envelope.Ack ─► writer of the same connection
//
// The reader and the writer of a connection are goroutines of their own, and neither waits for the other. So neither a
// slow handler nor an acknowledgement that can't be written keeps a connection from being read. An acknowledgement that
// can't be written in time is dropped and counted; Slack delivers that envelope again.
//
// # How a connection is replaced
//
// A [socket] keeps one connection open by replacing it (reconnect.go), and there are [Config.Connections] of them.
//
//   - Slack asks for a new connection every few hours ([disconnectReason]). The socket opens the next connection first.
//     When Slack has said hello on it, the old one is still read, and its envelopes are acknowledged, until Slack closes
//     it ([connection.retire]). So there is always a connection that Slack can send to.
//   - A connection that fails is replaced after a backoff. One that brings nothing for 45 seconds, not even an answer to
//     our own pings, has failed. The other socket receives events meanwhile.
//   - When an event is missed though a connection was open, all sockets are replaced one after the other
//     ([Client.ReplaceAll], replace_all.go).
//
// # Why not slack-go
//
// slack-go's client closes a connection before it opens the next one and discards what Slack sent after asking for it,
// writes acknowledgements on whichever connection comes next, and blocks forever when the goroutine that takes its
// events waits for an acknowledgement to be written during an outage. No promise of ours breaks as long as Slack
// delivers again, but whether it does when no connection was open is not documented.
package socketmode
