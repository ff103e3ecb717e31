// Package policy decides what becomes of a thread: its state goes in, its next
// state comes out. It knows what a message, a session and a status mean for each
// other. It knows no context, no clock, no lock, no network and no Slack markup.
//
// A decision is a bridge.Decision, a function that the store applies to the state
// of one thread in a transaction. Each ends with project.Projector.Apply, which
// brings reactions and notes in line with the new state.
//
// The files, in the order in which a message meets them:
//
//   - message, edit, deletion, click, command, stop, options, link, greeting and
//     channel take in what people and Slack do;
//   - fastpath, authorize, send, send_result, send_failed and session bring a
//     message to its session and take in what came of that;
//   - timeline, relaywords, coalesce, question, adopt and read_failed take in what
//     a read of the session's timeline found;
//   - post_result and reaction_result take in what Slack said to a post and to a
//     reaction;
//   - backoff, lane, route and panic say when to try again, and what to leave alone.
//
// Below it are four smaller packages. The arrows run one way:
//
//	policy ──► project ──► schedule ──► record ──► bridge
//	policy ──► timeline ──────────────────────────► bridge
package policy
