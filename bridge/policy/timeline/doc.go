// Package timeline reads a session's timeline, event by event, and keeps what a
// thread doesn't know yet: the status of its own messages, news to be shown, and
// the newest event that tells how the work stands. It decides nothing.
package timeline
