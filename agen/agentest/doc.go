// Package agentest is a test server for the Agen REST API, with scripted agents, that misbehaves on demand. It knows
// nothing of its users: it runs inside tests, in the demo, and as a process of its own.
//
// # Normal operation
//
// New returns an http.Handler. Start serves it on the loopback interface, Serve on any listener. The server waits only
// on channels and timers, and nothing is left running after Close, so it also works inside testing/synctest bubbles over
// an in-memory network.
//
// The server has the four documented calls (https://docs.agenhq.com), keys that belong to workspaces, sessions, and
// timelines. As must be assumed of the real API, it applies a message twice if it is sent twice, whatever its client_id.
// Each session has an Agent that follows a script. With or without one, a test can add and change events, make a session
// busy, and delete it.
//
// # Faults
//
// AddFault activates a Fault for the next request that it matches, or for several. What a fault does to the server's
// state (applied once, twice, never, late) and what the client sees of it (nothing, half an answer, another status, a
// delay) can be combined freely:
//
//	srv.AddFault(agentest.LoseAnswer(agentest.CallSend))        // applied, but the answer is lost
//	srv.AddFault(agentest.Late(agentest.CallSend, time.Minute)) // broken now, applied in a minute
//	srv.AddFault(agentest.RateLimit("", 30*time.Second))        // 429 for the next request
//	srv.AddFault(agentest.Fault{Call: agentest.CallSend, Status: 502, Apply: agentest.ApplyOnce})
//
// To refuse connections, use a listener that does.
//
// # Observation
//
// Requests returns a record of every request with its outcome and what it created. Sessions, Timeline and Messages
// return the state. Wait waits for a condition without polling. The hook set with OnRequest is called at every stage of
// every request, so that a test can kill a process exactly between applying a request and answering it.
//
// Package contract checks all traffic against the API's description.
package agentest
