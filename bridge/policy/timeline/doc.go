// Package timeline reads a session's timeline, event by event, and keeps what a thread
// doesn't know yet: the status of its own messages, events to be shown, and the newest
// event about the progress of the work. It decides nothing.
package timeline
