// Package playground serves a web page that looks like a Slack channel, with a test Slack, a test Agen and a bridge
// behind it. The user of the page sends messages as one of three teammates or a guest, sees how the bridge handles them,
// and switches faults on.
//
// The package knows the two test servers. All it knows of the bridge is that it can be started and killed. The page
// shows the state of the servers and nothing else.
//
// # Updates
//
// The state is divided into parts with keys: a message, a request, the faults. The board keeps the newest value of each
// part, with the number of the change that set it. All the state of a viewer is the number of the last change that it
// has got: it gets the newer parts, waits for the next change, and so on. A slow viewer may skip intermediate states but
// always gets the last one, a viewer that reconnects continues where it was, and no viewer needs a queue. Updates are
// server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), whose ids are these numbers.
//
// # The delivery check
//
// The page judges the bridge by the state of the two servers alone. A message has arrived if Agen has one copy with its
// ts, is explained if Slack shows people why Agen has none, and is on its way otherwise. Which messages are meant for
// the agent follows from the rules in the help text. So the page shows it if the bridge loses or doubles a message.
//
// # Access
//
// Everybody who can reach the loopback interface can use the page. Pages of other sites can't: a request must name this
// server in its Host header, which excludes DNS rebinding, and a request that changes something must come from the page
// itself. The page loads nothing from elsewhere and runs only its own scripts. Text of people and of the agent reaches
// it as nodes of a tree, never as HTML.
package playground
