// Package outcome decides what the outcome of a call does to a thread: the receipt of
// a send, a status in the timeline, a post that was made, a reaction, a failure of any
// class, a panic. It knows when to try again, when to look something up, and when to
// give up. It doesn't know how a message is accepted, nor what the agent's events mean.
//
//   - send_result, send_failed and look_up say what becomes of a message;
//   - poll, read_failed, session, left_session and route what becomes of the session's
//     timeline;
//   - post_result, post_refused and reaction_result what becomes of a post and of a
//     reaction;
//   - backoff, lane and panic when to try again, and what to leave alone until then.
package outcome
