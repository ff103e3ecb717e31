// Package record reads and changes single records of a thread: a message, a post, a
// reaction, or the thread itself. It knows the meaning of each field and the allowed
// state changes. It doesn't know what is due or what a thread shows.
package record
