// Package store keeps the bridge's state in one bbolt file. It knows how records
// get to disk, when a lane is due and which worker leases it. What a record
// means, and what happens to it next, is decided elsewhere: the store gets
// decisions as functions, and the rules of due times as Config.Due. Nothing else
// imports bbolt.
//
// # How a change happens
//
// A change is a bridge.Decision: a function of the state of one thread. One
// goroutine, the committer, runs the decisions. For each of them it
//   - loads the thread's record, its live rows and those of its resting rows
//     that were asked for,
//   - lets the decision change them,
//   - compares revisions with what it loaded, and writes what differs.
//
// Requests that wait at the same moment share one transaction, and so one sync of
// the disk. A request that is alone doesn't wait for others, unless its worker
// marked it as deferrable. Each decision gets rows of its own, so one that fails,
// or panics, leaves the others in the transaction alone. Two decisions about one
// thread see each other's effects. If nothing differs, nothing is written.
//
// If the commit fails, all its requests get the error and memory stays as it was.
// The next commit is tried like any other, so the store recovers from a full disk
// by itself. Health returns the error of the last commit, and Run keeps trying
// while there is one.
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
//	rest  <thread> 00 m|p <id>  rows at rest: messages that are kept so that
//	      they are recognized when they come again, and posts whose buttons
//	      may still be pressed
//	seen  <thread> 00 <number>  the timeline events that the thread has seen
//	due   <thread>            for each remote when its lane is due, and how much of
//	      it is undelivered since when
//
// One scan over a prefix of live loads a thread, however many of its rows are at
// rest. A row moves between live and rest when a decision changes it and its
// Resting method says so. A decision sees a resting row only if it asked for it.
// If it adds a row whose id is at rest without having asked, nothing is added:
// adding twice is a no-op.
//
// A record is a version byte, the number of the opening that wrote it, and JSON.
// The opening is there for clocks that jump: a row of an earlier opening is never
// due more than ten minutes after the present one.
//
// # Seen events
//
// A thread can see tens of thousands of events, and more come with every read of
// its timeline. So they aren't part of its record. They are a list that is cut
// into rows of at most 128: a read appends its news to the last row, and what it
// writes doesn't depend on how much was seen before. Now and then the whole list
// is replaced; bridge.SeenEvents decides when. It is loaded with the thread's
// record and removed with it.
//
// # When lanes are due
//
// The bucket due is a function of the live rows alone, so that opening needs no
// scan. It holds what Config.Due says of the rows with an empty Volatile, which is
// what they have after a restart. While the store runs, a heap for each remote
// holds what Config.Due says with the Volatile. If another release opens the file,
// it rebuilds the index, since its rules may differ.
//
// # What is in memory
//
// Of each thread with something due: when its lanes are due, their leases, and
// its Volatile. A thread with nothing due or leased is not in memory, and its
// Volatile is forgotten. A restart ends all leases; the lock on the file ensures
// that no other process has any.
//
// The live rows of threads that had a decision within the last minute are cached
// as they are on disk, so that they need not be decoded each time.
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
// makes commits cheaper. Close writes it. After a crash bbolt finds the free
// pages by reading the whole file.
//
// # Damage
//
// bbolt trusts its file: a damaged page makes it panic, partly in goroutines of
// its own. So Open first checks each page in use (checkPages), with plain reads,
// and refuses a file with a damaged one, by the number of the page.
//
// Before each commit, and every two seconds, the store compares device and inode of
// the path with those of its file. If the file was removed or replaced, every write
// fails, as with a full disk, until it is back (ErrMoved). The store stays open,
// since it is all that is left of the file: Backup still works. If the file was cut
// short, or a page of it turns out to be damaged, nothing uses it any more, and Run
// returns (ErrBroken).
//
// # Text
//
// What people said is in a row's Body until the decision that settles the row
// sets it to nil. The page that held it is free then, but keeps its bytes until it
// is used again. So Run overwrites free pages 20 seconds after a change (Scrub),
// Close does it for what was changed last, and the first pass after an opening
// also overwrites what a killed process left behind the end of the database.
//
// A pass has bbolt write its list of free pages, with the heartbeat, and reads
// the list from the file: asking bbolt page by page would touch the whole file. A
// page is overwritten by the committer, within a transaction that is rolled back.
// That is safe because nobody else writes, bbolt itself says that the page is
// free, and nobody reads a state of the file in which it was in use: when the
// transaction begins there are no readers. Pages in use contain nothing old:
// bbolt writes whole pages, from buffers that it clears.
package store
