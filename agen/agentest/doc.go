// Package agentest is a test server that speaks the Agen REST API, with scripted agents, and misbehaves on demand. It
// knows nothing of who uses it: it runs inside tests, in the demo, and as a process of its own.
//
// # Behaving
//
// New returns an http.Handler; Start serves it on loopback, Serve on any listener. Everything waits on channels and
// timers and nothing outlives Close, so it also runs inside testing/synctest bubbles, over an in-memory network.
//
// The server has the four documented calls (https://docs.agenhq.com), keys that belong to workspaces, sessions, and
// timelines. As the real API must be assumed to, it takes the same message twice if it is sent twice, whatever its
// client_id. Each session has an Agent that follows a script, with Agent.Script step by step over time; with
// Agent.Manual, or beside it, a test adds and changes events itself, makes a session busy, and deletes it.
//
// # Misbehaving
//
// AddFault puts a Fault in force for the next request that it matches, or for more. What a fault does to the server's
// state (once, twice, never, later) and what the client sees of it (nothing, half an answer, another status, a delay)
// can be combined freely:
//
//	srv.AddFault(agentest.LoseAnswer(agentest.Send))          // done, but the answer is lost
//	srv.AddFault(agentest.Late(agentest.Send, time.Minute))   // broken now, done in a minute
//	srv.AddFault(agentest.RateLimit("", 30*time.Second))      // 429 for whatever comes next
//	srv.AddFault(agentest.Fault{Call: agentest.Send, Status: 502, Apply: agentest.ApplyOnce})
//
// Refusing connections is the business of the listener.
//
// # Looking
//
// Requests is the record of every request with its outcome and what it made; Sessions, Timeline and Messages show the
// state; Wait waits for a condition without polling. A hook is called at the visible points of every request, so
// that a test can kill a process exactly between doing and answering.
//
// Package contract checks all traffic against the API's description.
package agentest
