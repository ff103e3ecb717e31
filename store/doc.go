// Package store keeps the bridge's state in one bbolt file. It knows how rows
// get to disk, when a lane is due and who has it; what a row means, and what
// happens to it next, is for package bridge to decide. Nothing else imports
// bbolt.
//
// # How a change happens
//
// A change is a closure over the rows of one thread, bridge.Decide. One
// goroutine, the committer, runs them: it loads the thread's record, its live
// rows and those of the resting ones that were asked for, lets the decision
// change them, compares revisions with what it loaded and writes what is
// different. Requests that wait at the same moment share one transaction and
// so one sync of the disk; a request that is alone never waits for company
// unless it is an outcome that its worker called patient.
// Each decision gets rows of its own, so that one that fails, or panics,
// leaves the others in the transaction alone; two decisions of one thread see
// each other's effects. Where nothing is different nothing is written.
//
// When the commit fails everybody in it gets the error and memory stays as it
// was. The next one is tried like any other, so a full disk recovers by
// itself; Health tells whether the last one worked, and Run keeps trying
// while it didn't.
//
// # What is in the file
//
//	meta  application, format, boot (the count of openings), heartbeat,
//	      closed (there while the file is closed in good order), prune (when
//	      the last pass ended), release (whose rules due follows),
//	      swept (up to where Slack was read), channels (which have another
//	      id by now, and which are paused)
//	live  <thread> 00 T       the thread's record
//	      <thread> 00 m <id>  its messages that need further steps
//	      <thread> 00 p <id>  its posts that do
//	rest  <thread> 00 m|p <id>  what has come to rest: tombstones by which a
//	      message is known when it comes again, and posts whose buttons may
//	      still be pressed
//	due   <thread>            for each remote when its lane is due
//
// One scan over a prefix of live loads a thread, however much of it is at
// rest. A row moves between live and rest when a decision changes it and
// Resting says so. A decision sees a row at rest only if it asked for it; one
// that puts in a row whose id is at rest, without having asked, adds nothing:
// adding twice is a no-op.
//
// A record is a version byte, the opening that wrote it, and JSON. The opening
// is there for clocks that jump: a row of an earlier opening is never due
// more than ten minutes after the present one.
//
// The bucket due is a function of the live rows alone, so that opening needs
// no scan: it holds what Due says of the rows with an empty Memo, which is
// what they will be after a restart. While the store runs, a heap for each
// remote holds what Due says with the Memo. An opening by another release
// makes the index anew, since its rules may be others.
//
// # What is in memory
//
// Of each thread that owes something: when its lanes are due, their leases,
// and the Memo. A thread that owes nothing, and of which no lane is leased,
// is not in memory, and its Memo is forgotten. A restart ends all leases; the
// lock on the file sees to it that nobody else has any.
//
// The live rows of threads that had a decision within the last minute are there
// as well, as the disk has them, so that they need not be decoded each time.
//
// # Channels
//
// A thread stays under the key that it got first, also when its channel gets
// another id: RenameChannel stores the alias, and slackapp follows it. A channel
// that is paused owes nothing, neither in the index nor in the heap, until it is
// resumed. Both are in memory and in one record of meta, are looked up by the
// channel's key, and are forgotten by the pass of pruning that finds nothing
// stored under it.
//
// # Free pages
//
// The list of free pages is kept in memory while the store is open, which
// makes commits cheaper. Close writes it; after a crash bbolt finds the free
// pages by reading the whole file, and Open checks the file's structure
// before it lets it do that.
//
// # Text
//
// What people said is in a row's Body until the decision that settles it sets
// it to nil. The page that held it is free then, but keeps its bytes until it
// is used again, so Run overwrites free pages 20 seconds after a change (Scrub),
// Close does it for what was changed last, and the first pass after an opening
// also takes what a killed process left behind the end of the database.
//
// A pass has bbolt write its list of free pages, with the heartbeat, and reads
// it from the file: asking bbolt page by page would touch the whole file. A
// page is overwritten by the committer, within a transaction that is rolled
// back: nobody else writes, bbolt itself says that the page is free, and nobody
// reads a state of the file in which it was not, because when that transaction
// begins there are no readers. In pages that are in use there is nothing old:
// bbolt writes whole pages, from buffers that it clears.
package store
