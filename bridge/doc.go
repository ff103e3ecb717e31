// Package bridge has the vocabulary of agenbridge and its ports: what a message, a
// post, a thread, a session, a delivery, a reaction and a fault are, and the
// interfaces of the store and of the two remotes. It decides nothing and does no I/O.
//
//	bridge/policy   decides: thread state in, thread state out
//	bridge/relay    does: goroutines, deadlines, calls to the remotes
//	store           keeps; slackapp and agen speak
//
// # The life of a message
//
// slackapp parses what Slack sends into a Message and hands it to
// relay.Relay.AcceptMessage. The store applies the decision
// (policy.Policy.AcceptMessage) in one durable transaction. Only then is the event
// acknowledged. From there the message is a MessageRecord:
//
//	    AcceptMessage
//	         │
//	         ▼            Begin                  sent, or found by a look-up
//	┌───► ready ──────────────────────► in flight ──────────────────► done
//	│        │                            │ │                          ▲
//	│        │  not there, late and twice │ │ nobody can tell,         │
//	│        │◄───────────────────────────┘ │ or the session is closed │
//	│        │                              ▼                          │
//	│        ├────────────────────────► held   (waits for a person)    │
//	│        ├────────────────────────► dead   (the note says why)     │
//	│        └─── withdrawn, refused, answered ────────────────────────┘
//	│                                   │
//	└──────── a person presses a button ┘
//
// In flight is durable and means that the message may have reached the session.
// Whatever interrupts the process between the mark and the outcome (a crash, a lost
// connection, SIGTERM, an expired lease) leaves a record in flight, and such a record
// is looked up in the timeline before anything else happens to it. So a restart and a
// timeout are one code path.
//
// Most replies can be sent at once: the session has nothing else to do, and nothing
// has to be asked of Slack to compose them. The relay composes such a message before
// the store accepts it and passes the Draft along. The transaction that accepts the
// message then marks it as in flight too, if the draft is still right. That saves a
// commit of its own between the two.
//
// # Lanes
//
// A thread owes things to two remotes, and has one lane for each. A lane is leased to
// one worker at a time, which takes the next step and gives the lane back. So a
// session never sees two requests at once, and reactions never hold up a send.
// Package schedule derives the next step, and when it is due, from the records. There
// is no queue in memory and no goroutine per thread.
//
// A step makes at most one call that changes a remote. It ends in a Decision, which
// the store applies to the state as it is then: an edit or a deletion that came in
// while the lane was leased is never overwritten.
//
// Outcomes that nobody waits for (Claim.Deferrable) may reach the disk 20 ms later,
// with the next accept. If one is lost, the step is repeated or looked up, as after
// any crash. Under load that saves half of all commits.
//
// # Desired state
//
// Reactions and notes are projections of the records. Every decision ends with
// project.Projector.Apply, which compares what is desired with what should be desired
// now; the newest desire wins. If the response to such a call is lost, the call may
// still be applied later, over a newer one. So a minute later the reaction is set
// once more, and the post is updated once more (Reaction.RecheckAt,
// PostRecord.RecheckAt). The agent's own words are not kept for that.
//
// What people read is a Note, a value. slackapp/notes puts it into words.
//
// # Backfill
//
// slackapp reads Slack for messages that no socket delivered and hands them over by
// the same path, marked as Backfilled. There are two differences. Such a message is
// looked up in the timeline before it is sent, because a process with another copy of
// the store may have sent it: until this opening of the store, so a minute must pass.
// One look-up is enough if nobody can have (Instant.AloneSince): the message was
// written after the store was closed in good order, at most two minutes before it was
// opened again, or while this process ran. A young heartbeat proves nothing, since a
// copy that was made in use has one. If a socket brings the message as well, Slack had
// no acknowledgment for it, and the look-up ends. And if it is older than ASK_AFTER, it is held without its text,
// and one note in the thread asks whether it is still wanted. After a day the
// question closes by itself.
//
// # Restored and lost stores
//
// A thread without a session may have had one. Before another is opened, the thread
// is read for our own card, which names the session. In three cases it is unknown
// what of a timeline is in the thread already: the thread was bound by its card, the
// store is an old copy that was put back, or the timeline has a client id of ours
// that the store doesn't know. Then our posts are read first; their metadata names
// the events whose words they show. What isn't among them is looked up before it is
// posted, because Slack's history lags.
//
// # Outages
//
// What a remote that is down is spared is decided for all threads together, by a
// circuit breaker per route and one for Slack. It opens when calls of two threads fail
// in a row. Then the threads probe the remote, one at a time, at most every 15 s; only
// what was never tried is tried once at once. The first answer brings back all that
// wait, a few with each step, so 200 threads are through within a second or two, in
// place of up to five minutes when each thread had a backoff of its own. A record's
// backoff on disk is 12 s at most: after a restart during the outage the same holds.
// What waits is known to the breaker alone, in memory; nothing is scanned. With several
// routes each has its share of the workers, so a remote that hangs never has all.
//
// # Rate limits, routes and channels
//
// A remote that asks to be left alone is left alone by all lanes: the adapters and
// the throttle of the route remember it. Waiting for a limit, a refused credential or
// a shutdown is not an attempt.
//
// An Agen key belongs to one workspace. A thread keeps the route that it began with.
// If the route isn't configured any more, its messages are held; what may have been
// sent keeps its mark and is looked up when the route is back.
//
// A thread's key is its identity for good. If its channel gets another id, slackapp
// keeps an alias. In a channel that the bot has left, threads are paused: no lane is
// handed out, and waiting messages lose their text.
//
// # Panics
//
// A step that panics costs the record that it was about: a message that was not sent
// is given up with a note, one that may have been sent is looked up, a post is not
// made. So does a decision that panics in the store's transaction. It is counted and
// logged once, with the place in the code and without the panic's text.
//
// # Promises
//
// The promises of README.md are kept here as follows. Committed before acknowledged:
// AcceptMessage returns when the record is on disk. Nothing lost: a record leaves
// ready and in flight only with a receipt, with a note, or because somebody who may
// took it back. Nothing doubled: a record is added once, by Slack's ts; a send
// carries it as client_id and is looked up by it; a post carries its key. The
// reaction is the truth: it is a projection. Addressed only: the first half of the
// gate comes before AcceptMessage, the second before a message can be in flight.
// Keeps only what it must: a record loses its text in the transaction that settles it.
//
// Not promised: order between threads; a status faster than the polling interval;
// that Agen runs a message once if it applies a request more than a minute after the
// connection broke; that no empty session is ever left behind.
//
// # Decisions worth knowing
//
//   - Outcomes are functions over a thread's state instead of values that each store
//     interprets. The store stays free of policy, one conformance suite covers every
//     store, and the simulator applies the very decisions of production.
//   - Slack stamps most edits with whole seconds. Of two edits with one stamp nobody
//     can tell the newer, so the text is read from Slack again.
//   - A reply whose session could not be opened fails with the mention that it
//     followed, under the same note. Sent later, alone, it would open a session with a
//     fragment.
//   - A timeline that answers 404 for five minutes while a message may be in it ends
//     the session. There is no second call to ask, and holding the message for a
//     person doubles nothing. While nothing waits it is only no longer read, after an
//     hour: an address that is wrong for a while must not end all sessions.
//   - What Slack doesn't give for a message in three tries stays behind, and both the
//     prompt and a note to the author say so. That includes the look for our own card
//     before a session is opened: the risk is a second session in a thread whose
//     store was lost. A message that may have been sent already waits.
//   - A line in a direct message continues the same person's last thread if that is at
//     most two minutes old. The choice is stored before the line is, so the line has
//     the same home when it comes again.
//   - The command link takes a session from the thread that has it in two
//     transactions: the old thread lets go, and only then the new one binds. A crash in
//     between finds the session in the old thread and goes on.
package bridge
