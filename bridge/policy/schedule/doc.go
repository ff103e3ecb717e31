// Package schedule says what a thread owes to each remote and when. The list of
// steps is derived from the thread's records, so there is no queue that could
// disagree with them. It changes nothing.
package schedule
