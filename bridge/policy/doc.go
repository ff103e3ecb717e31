// Package policy contains the decisions about a thread as pure functions: they take the
// state of the thread and return its next state. The package knows how messages, sessions
// and statuses depend on each other. It has no context, clock, lock or network access,
// and it contains no Slack markup.
//
// A decision is a bridge.Decision: a function that the store applies to the state of one
// thread in a transaction. Every decision ends with project.Projector.Apply, which
// updates the reactions and notes to match the new state.
//
// The files, in the order in which a message passes through them:
//
//   - accept, accept_message, edit, deletion, click, requeue, command, near_miss,
//     options, link and channel handle input from people and from Slack.
//   - fastpath, authorize and send deliver a message to its session.
//   - timeline, agent_events, agent_message, coalesce, question, question_options and
//     adopt handle what was read from the session's timeline.
//
// Package outcome handles the results of calls to the remotes: a receipt, a status, or a
// failure of any class. Four smaller packages are below it. The imports:
//
//	policy ──► outcome ──► project ──► schedule ──► record ──► bridge
//	           outcome ──► timeline ──────────────────────────► bridge
package policy
