// Package agen is a client for the REST API of the Agen coding agent. It knows the four documented calls and what
// their failures mean. It knows nothing of chats, retries or storage.
//
// # The API
//
// A session is a conversation with the agent about one workspace, and the API key decides which workspace.
//
//   - CreateSession opens a session, and ListSessions lists those of the workspace.
//   - SendMessage gives the agent a message. The agent starts on it, or Agen queues it.
//   - Timeline reads the events of a session: what people and the agent said, and what the agent did. One call returns
//     the whole timeline; the API has no cursor, no stream and no filter. Events can be out of order, and an event can
//     change after it was first seen.
//
// The reference is at https://docs.agenhq.com, pages "Send a user message to the agent in a session", "Get the session
// timeline events", "Create sessions" and "List sessions". agentest/contract/agen-openapi.yaml says the same in OpenAPI.
//
// # What a failure means
//
// Every failure of a call is an *Error with exactly one Class, and errors.Is finds it:
//
//	_, err := client.SendMessage(ctx, session, text, clientID)
//	switch {
//	case errors.Is(err, agen.ClassUnsure): // look for clientID in the timeline before sending again
//	case errors.Is(err, agen.ClassTemporary): // the message was not sent: try again
//	}
//
// The API documents neither status codes nor error bodies. This package reads them as follows:
//
//	                                        read       send       create
//	network error before the body was read  Temporary  Temporary  Temporary
//	network error, timeout, cancel later    Temporary  Unsure     Unsure
//	2xx that can't be read or has no id     Temporary  Unsure     Unsure
//	3xx                                     Rejected   Rejected   Rejected
//	401, 403, 404                           Unauthorized, Forbidden, NotFound
//	408, 5xx                                Temporary  Unsure     Unsure
//	409                                     Rejected   Conflict   Rejected
//	425                                     Temporary  Temporary  Temporary
//	429                                     RateLimited
//	other 4xx                               Rejected   Rejected   Rejected
//	invalid argument, nothing sent          Rejected   Rejected   Rejected
//
// Whether a failed send may have been applied is a fact and not a guess. The request body can be read only once,
// records whether it was read, and returns no more data after the call has returned. A server can't have applied a
// message that it was not given. While the transport has not read a byte of the body (no connection, no TLS, no proxy, a
// canceled context, an idle connection that turned out to be dead), the class is ClassTemporary. After that it is
// ClassUnsure.
//
// # What never happens
//
//   - A send or a create is never repeated: not by this package, and not by net/http, which has no second copy of the
//     body and uses HTTP/1.1.
//   - A redirect is never followed.
//   - The API key never appears in an error, even if the server echoes it.
//   - No answer makes a reader panic, whatever its shape.
//   - No timeline is too long: events pass through one buffer, and only a single event has a size limit.
//   - Nothing is logged.
//
// # Decoding
//
// Fields of the wrong type decode as empty. Unknown types and statuses are kept unchanged. Timestamps stay strings; see
// ParseTime. Only the payload of a user message is documented. Text, Questions, File and Lookup look for text in the
// others under the names that are likely.
//
// # Limits
//
// A message has at most MaxMessageBytes. An event has at most 16 MiB, a session 1 MiB and a page of sessions 32 MiB. At
// most 4 KiB of an error body are read. The caller's context limits the time of a call. The client's own transport
// also allows 10 s for a connection, 10 s for a TLS handshake and 60 s until the first byte of an answer.
package agen
