// Package bridge is the core of agenbridge: it knows what a message, a thread
// and a session are, what is owed to whom, and what follows from what. It
// knows neither Slack's protocol nor any database; those are behind the ports
// in ports.go. The words it uses are defined in words.go and rows.go.
//
// # The life of a message
//
// slackapp turns what Slack sends into a Message and calls Relay.AcceptMessage. The
// decision (Policy.AcceptMessage) is applied by the store in one durable transaction;
// only then is the event acknowledged. From there the message is a row:
//
//	       Hear
//	         │
//	         ▼            begin                  sent, or found by a look-up
//	┌───► ready ──────────────────────► begun ─────────────────────► done
//	│        │                            │ │                          ▲
//	│        │  not there, late and twice │ │ it can't be told,        │
//	│        │◄───────────────────────────┘ │ session gone             │
//	│        │                              ▼                          │
//	│        ├────────────────────────► held   (waits for a person)    │
//	│        ├────────────────────────► dead   (the note says why)     │
//	│        └─── withdrawn, refused, answered ────────────────────────┘
//	│                                   │
//	└──────── a person presses a button ┘
//
// Begun is durable and means: this may have reached the session. Whatever
// interrupts us between the mark and the outcome (a crash, a lost connection,
// SIGTERM, a lease that ran out) leaves a begun row, and a begun row is looked
// up in the timeline before anything else happens to it. So a restart and a
// time-out are one code path, and it is not a special one.
//
// A message that can go at once, since its session has nothing else to do and
// nobody need be asked to compose it, is begun by the transaction that accepts
// it (Policy.beginFast). Its words wait in memory for the one worker that takes
// them; who ends before that leaves a begun row like any other.
//
// # Lanes
//
// A thread owes things to two remotes, and has one lane for each. A lane is
// leased to one worker at a time, who does its next step and gives it back:
// so a session never sees two requests at once, a send's answer can't race a
// read of the timeline, and reactions never hold up a send. Which step is next
// is a function of the rows (Rows.next); when the next one is due is the
// minimum over the same list (Rows.Due), and is the store's only index. There
// is no queue in memory, no scheduler and no goroutine for a thread.
//
// A step makes at most one call that changes a remote. It ends in a decision,
// a function that the store applies to the rows as they are then: an edit or a
// deletion that came in while the lane was leased is never overwritten.
//
// # Projections
//
// Reactions and notes are not sent by whoever has a reason to; they are
// projections of the rows. Every decision ends in Policy.project, which
// compares what is to be shown with what is wanted so far. The newest wish
// wins; the slack lane makes it true, repeating calls that may be repeated. Of
// such a call whose answer was lost nobody knows when it is applied, perhaps
// after a newer one: a minute later the reaction is gone over once more, and
// the post changed once more to what it says then (Reaction.RecheckAt,
// PostRecord.RecheckAt). The agent's own words are not kept for that.
//
// # What no socket brought
//
// slackapp reads Slack for messages that it was never told of and hands them
// over by the same door, marked as Swept. Hear decides about them as about any
// other, so that one which is found twice, or found and then heard, is known.
// There are two differences. It is looked up in the timeline before it is sent:
// a process whose store was lost may have sent it. And one older than ASK_AFTER
// is not sent: when its author is known to be allowed to it is held, without its
// text, under the thread's one question (noteMissed). It joins nothing until
// somebody says so, and a mention among them begins no thread. A day later the
// question closes by itself.
//
// # A store that is lost, or old
//
// A thread without a session may have had one: before another is opened the
// thread is read for our own card, which names it (rebind). And in three cases
// it is not known what of a timeline stands in the thread already: bound by the
// card, after a restoration, and where the timeline has a message with a client
// id of ours that we know nothing of. Then the thread is read for our posts before
// the timeline is: their metadata names the events whose words they have (adopt).
// What does not stand there is looked up before it is posted, since Slack's history
// lags (doubting). The reactions on what is under way are read from Slack before
// they are changed (Reaction.Unknown): another process may have put there what this
// store knows nothing of.
//
// # Direct messages
//
// There a line without a thread starts one, unless the same person's last line
// is at most two minutes old: then it goes on with that one's thread. What was
// decided is on disk before the line is (Thread.Continues), so a line that
// comes again, or is edited, or is found by a sweep, has the same home.
//
// # A session that moves
//
// The command link takes a session from the thread that has it. That is two
// transactions: the old thread lets go, with its card saying so, and only then
// the new one binds. The marks of what has been told go along, so that nothing
// is told in both and nothing in neither; a crash in between finds the session
// in the old thread, gone but for them, and goes on. While a message is on its
// way there the session stays.
//
// # Limits
//
// A remote that wants to be left alone is: the two adapters and the gate
// remember it for all lanes, and the lane remembers it in memory (Volatile.HoldUntil)
// for the kind of step concerned, so that the others go on. Waiting because of
// a limit, a refused credential or a stop is not an attempt.
//
// # Routes
//
// A key of Agen's belongs to one workspace. Policy.Route names the one that a
// thread goes to when it begins, and the thread keeps the name: whatever is said
// in it goes there and nowhere else. Each route has a client and a gate of its
// own. One that is not set up any more is no route at all (unrouted): messages
// are held under the failure note until somebody has them tried again, and what
// may have left keeps its mark, so that it is looked up first. A read that finds
// it when the route is back settles it as well.
//
// # Channels
//
// A thread's key names its channel by the id that it had when the thread began,
// and stays when the channel gets another id: slackapp finds the thread by either
// id and calls Slack with the present one.
//
// Where the bot is not a member any more, as an event tells
// or a call that is Absent, its threads rest: no lane is handed out, what waits
// loses its words, and time does not run against it. They go on when anything
// shows that the bot is there.
//
// # Bugs
//
// A step that panics costs what it was about (Policy.afterPanic): a message that
// was not sent is given up under its note, one that may have been is looked up,
// a post is not made. So does a decision that panics, in the store's
// transaction (Relay.recoverPanic). It is counted, and logged once, with the place in
// the code and without the panic's text, which may be somebody's. The lane goes
// on with the rest.
//
// People have limits as well (limits.go): messages in a minute, sessions in a
// day, messages that wait in a thread. Who goes over one is refused, and told in
// private, instead of slowed down: within a thread nothing overtakes, so that
// the others in it would wait as well.
//
// # Promises
//
// Committed before acknowledged: Hear returns when the row is on disk. Nothing
// lost: a row leaves ready and begun only with a receipt, with a note, or
// because somebody who may took it back. Nothing doubled: rows are added once,
// by Slack's ts; sends carry it as client_id and are looked up by it; posts
// carry their key. The reaction is the truth: it is a projection. Addressed
// only: the gate's first half has passed before Hear, its second half is asked
// before a row can be begun. Keeps what it must: a row loses its text in the
// transaction that settles it.
//
// Not promised: order between threads; a status that is faster than the
// polling interval; that Agen runs a message once if it applies a request more
// than a minute after the connection broke (missAfter); that no empty session
// is ever left behind.
//
// # Where this differs from the design
//
// Outcomes are functions over the rows of a thread (Decide) instead of values
// that each store interprets: the store stays free of policy, one conformance
// suite covers any of them, and the simulator applies the very decisions of
// production.
//
// What a lane owes is derived from the rows instead of being written down
// beside them, notes and reactions included, so there is nothing that could
// disagree with them.
//
// Outcomes that nobody waits for (a send that succeeded, a reaction, a read
// without news) may reach the disk 20 ms later, with the next accept or begin:
// if one is lost the step is repeated or looked up, as after any crash. Under
// load that spares half of all commits.
//
// Most replies are begun by the transaction that accepts them, which spares them
// a commit of their own between the two: see "The life of a message".
//
// Slack stamps most edits with whole seconds. Of two edits with one stamp
// nobody can tell the newer, so the words are read from Slack again.
//
// A reply whose session could not be opened fails with the mention it followed,
// under the same note: sending it later, alone, would open a session with a
// fragment. Replies before the next mention become its background when the
// first one was taken back.
//
// A timeline that answers 404 for five minutes while a message may be in it
// ends the session as well: with the send unsure there is no second call to
// ask, and holding the message for a person doubles nothing.
//
// The question about missed messages names them by their times and not by links
// and authors: it is to mention one person only. Of a mention that was missed in
// a thread that is not ours it asks for the mention alone; what was said after it
// goes along when it is sent, as after any mention (Compose).
package bridge
