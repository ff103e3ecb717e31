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
//   - accept, accept_message, edit, deletion, click, requeue, command, near_miss,
//     options, link and channel take in what people and Slack do;
//   - fastpath, authorize and send bring a message to its session;
//   - timeline, agent_events, agent_message, coalesce, question, question_options and
//     adopt take in what a read of the session's timeline found.
//
// What a call to a remote came to is decided in package outcome: a receipt, a status,
// a failure of any class. Below it are four smaller packages. The arrows run one way:
//
//	policy ──► outcome ──► project ──► schedule ──► record ──► bridge
//	           outcome ──► timeline ──────────────────────────► bridge
package policy
