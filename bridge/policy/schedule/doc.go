// Package schedule lists what a thread owes to each remote, and when. The list of steps
// is derived from the thread's records, so there is no separate queue that could disagree
// with them. The package changes nothing.
package schedule
