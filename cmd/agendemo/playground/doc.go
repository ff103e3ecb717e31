// Package playground is a web page that looks like a Slack channel, over a test Slack, a test Agen and a bridge that
// runs between them. Whoever looks at it types as one of three teammates or a guest, sees what the bridge makes of it, and lets
// things go wrong.
//
// It knows the two test servers, which hold all there is to see, and nothing of the bridge but that it can be started
// and killed. What the page shows is computed from the servers' state alone.
//
// # What goes to the page
//
// The state is cut into parts with keys: a message, a line of the wire, the weather. The board keeps the newest value
// of each part with the number of the change that made it. A viewer is no more than the number of the last change it
// has: it gets what is newer, waits, and gets what is newer then. So a viewer that is slow misses steps in between and
// never the end, one that comes back continues where it was, and none needs a queue. It is sent as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html), whose ids are those numbers.
//
// # What it says of messages
//
// The page judges the bridge by the word of the two servers alone: a message has arrived when Agen has one copy with its
// ts, is told when Slack shows its author why it has none, and is on its way otherwise. Which messages are for the agent
// follows from the rules that the help text tells people. A bridge that loses or doubles one is found out.
//
// # Who may use it
//
// Whoever can reach the loopback interface. Pages of other sites can't: requests must name this server in their Host
// header, which a DNS name that was bound anew doesn't, and what changes something must come from the page itself. The
// page loads nothing from elsewhere and runs no script but its own; what people and the agent say reaches it as nodes of
// a tree, never as HTML.
package playground
