// Package agen is a client for the REST API of the Agen coding agent. It knows the four documented calls and what
// their failures mean; it knows nothing of chats, retries or storage.
//
// # The API
//
// A session is a conversation with the agent about one workspace; the key decides which. SendMessage gives the agent a
// message, which it starts on or queues; Timeline reads the timeline, which holds what people and the agent said and
// what the agent did; CreateSession and ListSessions open and find sessions. There is no cursor, no stream and no
// filter: one call returns the whole timeline, whose events appear out of order and change after they were first seen.
// The reference is at https://docs.agenhq.com, pages "Send a user message to the agent in a session", "Get the session
// timeline events", "Create sessions" and "List sessions"; agentest/contract/agen-openapi.yaml says the same in OpenAPI.
//
// # What a failure means
//
// Every failure of a call is an *Error with exactly one Class, and errors.Is finds it:
//
//	_, err := client.SendMessage(ctx, session, text, clientID)
//	switch {
//	case errors.Is(err, agen.Unsure): // look for clientID in the timeline before sending again
//	case errors.Is(err, agen.Retry): // nothing was done
//	}
//
// The API documents neither status codes nor error bodies. They are read like this:
//
//	                                        read          send      create
//	network, before the body was taken      Retry         Retry     Retry
//	network, timeout or cancel after that   Retry         Unsure    Unsure
//	2xx that can't be read or has no id     Retry         Unsure    Unsure
//	3xx                                     Refused       Refused   Refused
//	401, 403, 404                           Unauthorized, Forbidden, NotFound
//	408, 5xx                                Retry         Unsure    Unsure
//	409                                     Refused       Conflict  Refused
//	425                                     Retry         Retry     Retry
//	429                                     RateLimited
//	other 4xx                               Refused       Refused   Refused
//	invalid argument, nothing sent          Refused       Refused   Refused
//
// Whether a send that broke was done is decided by a fact: the request's body can be read once, knows whether it was,
// and gives nothing more after the call has returned. A server that has not been given the message can't have taken
// it. As long as no byte of the body has been asked for (no connection, no TLS, no proxy, a canceled context, a stale
// connection that broke under the headers) the class is Retry; from then on it is Unsure.
//
// # What never happens
//
// A send or a create is never repeated: not by this package, and not by net/http, which has no second copy of the body
// and speaks HTTP/1.1. No redirect is followed. The key never appears in an error, also when the server echoes it.
// No answer makes a reader panic, whatever its shape. No timeline is too long: events pass through one buffer, and
// only a single event has a limit. Nothing is logged.
//
// # Decoding
//
// Fields of the wrong type read as empty, unknown types and statuses stay as they came, timestamps stay strings (see
// ParseTime). Only the payload of a user message is documented; Text, Questions, File and Lookup read the others
// as well as they can.
//
// # Limits
//
// Requests: MaxMessageBytes. Answers: 1 MiB for a session, 32 MiB for a page of sessions, 16 MiB for an
// event, 4 KiB are read of an error. Time: the context of the call; the client's own transport also gives a connection
// 10 s, a TLS handshake 10 s and the first byte of an answer 60 s.
package agen
