package socketmode

// Observer is told what happens to the connections. Its methods may be called from any goroutine and must not block.
type Observer interface {
	// SocketsUp tells how many sockets are connected, whenever that changes.
	SocketsUp(up int)
	// OtherConnections tells with each hello how many connections of our app other processes have open.
	OtherConnections(count int)
	// SocketEvent tells of one of the Event constants.
	SocketEvent(event string)
	// AckFailed tells of an acknowledgement that did not reach Slack, by one of the Ack constants.
	AckFailed(cause string)
}

// Events in the life of a connection.
const (
	EventOpened        = "opened"         // Slack said hello
	EventClosed        = "closed"         // a connection on which Slack had said hello ended
	EventConnectFailed = "connect_failed" // an attempt to connect ended without a hello
	EventReplaced      = "replaced"       // a socket's connection was replaced because it may miss events
	EventUnreadable    = "unreadable"     // a frame was not an envelope
	EventTooLarge      = "too_large"      // a frame exceeded the limit and cost its connection
)

// Causes of a failed acknowledgement.
const (
	AckFull    = "full"    // too many acknowledgements waited to be written
	AckTimeout = "timeout" // it could not be written in time
	AckWrite   = "write"   // the connection ended first
)
