// Package record reads and changes single records of a thread: a message, a post, a
// reaction, the thread itself. It knows what each field means and which states may
// follow each other. It doesn't know what is due or what a thread shows.
package record
