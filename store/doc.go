// Package store keeps the bridge's state in one bbolt file. It knows how records are
// written to disk, when a lane is due, and which worker leases it. It doesn't know what a
// record means or what happens to it next: decisions are passed to it as functions, and
// the rules for due times as Config.Due. No other package imports bbolt.
//
// # How a change happens
//
// A change is a bridge.Decision: a function of the state of one thread. One goroutine,
// the committer, runs the decisions. For each decision it
//   - loads the thread's record, its live rows, and those of its resting rows that
//     were requested,
//   - runs the decision on them,
//   - compares revisions with what it loaded, and writes the differences.
//
// Requests that wait at the same time share one transaction, and so one sync of the disk.
// A request that is alone doesn't wait for others, unless its worker marked it as
// deferrable. Each decision gets its own rows, so a decision that fails or panics doesn't
// affect the others in the transaction. Two decisions about one thread see each other's
// effects. If there are no differences, nothing is written.
//
// If the commit fails, all its requests get the error, and the state in memory doesn't
// change. The next commit is attempted as usual, so the store recovers from a full disk
// without a restart. Health returns the error of the last commit, and while there is one,
// Run keeps retrying.
//
// # What is in the file
//
//	meta  application, format, boot (the number of openings), heartbeat,
//	      closed (present while the file is cleanly closed), prune (when the
//	      last pass ended), release (whose rules the index due follows),
//	      swept (up to where Slack was read), channels (which have a new id,
//	      and which are paused)
//	live  <thread> 00 T       the thread's record
//	      <thread> 00 m <id>  its messages that need further steps
//	      <thread> 00 p <id>  its posts that need further steps
//	rest  <thread> 00 m|p <id>  rows at rest: messages that are kept for
//	      deduplication, and posts whose buttons may still be clicked
//	seen  <thread> 00 <number>  the timeline events that the thread has seen
//	due   <thread>            for each remote, when its lane is due, how much of it
//	      is undelivered, and since when
//
// One scan over a prefix of live loads a thread, no matter how many of its rows are at
// rest. A row moves between live and rest when a decision changes it and its Resting
// method says so. A decision sees a resting row only if it requested it. If it adds a row
// whose id is at rest without having requested it, nothing is added: adding twice is a
// no-op.
//
// A record is a version byte, the number of the opening that wrote it, and JSON. The
// opening is recorded because clocks can jump: a row of an earlier opening is never due
// more than ten minutes after the present opening.
//
// # Seen events
//
// A thread can see tens of thousands of events, and each read of its timeline adds more.
// So they are not part of the thread's record. They are a list that is split into rows of
// up to 128 events. A read appends its news to the last row, so the amount that it writes
// doesn't depend on the length of the list. From time to time the whole list is replaced;
// bridge.SeenEvents decides when. The list is loaded and removed together with the
// thread's record.
//
// # When lanes are due
//
// The bucket due depends on the live rows alone, so that opening the store needs no scan.
// It contains the result of Config.Due for the rows with an empty Volatile, because that
// is what they have after a restart. While the store is open, one heap per remote
// contains the result of Config.Due with the Volatile. If another release opens the file,
// it rebuilds the index, because its rules may differ.
//
// # What is in memory
//
// For each thread with something due, memory has the due times of its lanes, their
// leases, and its Volatile. A thread with nothing due or leased is not in memory, and its
// Volatile is dropped. A restart ends all leases. The lock on the file ensures that no
// other process has any.
//
// The live rows of threads that had a decision within the last minute are cached as they
// are on disk, so that they don't have to be decoded each time.
//
// # Channels
//
// A thread keeps its first key, even if its channel gets a new id: RenameChannel stores
// the alias, and slackapp resolves it. A paused channel has no due lanes, neither in the
// index nor in the heap, until it is resumed. Aliases and pauses are in memory and in one
// record of meta, by the channel's key. Pruning removes them when nothing is stored under
// that key any more.
//
// # Free pages
//
// The list of free pages is kept in memory while the store is open, which makes commits
// cheaper. Close writes it. After a crash, bbolt finds the free pages by reading the
// whole file.
//
// # Damage
//
// bbolt trusts its file: a damaged page makes it panic, in some cases in its own
// goroutines. So Open first checks each page in use (checkPages) with plain reads. It
// refuses a file with a damaged page, and names the page by its number.
//
// Before each commit, and every two seconds, the store compares the device and inode of
// the path with those of its file. If the file was removed or replaced, every write fails
// until it is back (ErrMoved), as with a full disk. The store stays open, because it is
// all that is left of the file: Backup still works. If the file was truncated, or a page
// turns out to be damaged, the store stops using the file and Run returns ErrBroken.
//
// # Text
//
// The text of a message is in the row's Body until the decision that settles the row sets
// it to nil. The page that contained it is then free, but keeps its bytes until it is
// used again. So Run overwrites free pages 20 seconds after a change (Scrub), Close does
// so for the last changes, and the first pass after an opening also overwrites what a
// killed process left past the end of the database.
//
// A pass makes bbolt write its list of free pages, with the heartbeat, and reads the list
// from the file, because querying bbolt page by page would touch the whole file. The
// committer overwrites a page within a transaction that is rolled back. That is safe for
// three reasons: nobody else writes, bbolt itself says that the page is free, and no
// reader uses a state of the file in which the page was in use, because there are no
// readers when the transaction begins. Pages in use contain no old data: bbolt writes
// whole pages from buffers that it clears.
package store
