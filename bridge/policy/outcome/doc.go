// Package outcome decides what the result of a call changes in a thread. Results are the
// receipt of a send, a status in the timeline, a post, a reaction, a failure of any
// class, and a panic. The package knows when to retry, when to look something up, and
// when to give up. It doesn't know how a message is accepted, or what the agent's events
// mean.
//
//   - send_result, send_failed and look_up handle messages.
//   - poll, read_failed, session, left_session and route handle the session and its
//     timeline.
//   - post_result, post_refused and reaction_result handle posts and reactions.
//   - backoff, lane and panic decide when to retry, and what to postpone until then.
package outcome
