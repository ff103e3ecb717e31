// Package timeline reads a session's timeline, event by event, and keeps what is new to
// the thread: the status of its own messages, events to show, and the newest event about
// the progress of the work. It decides nothing.
package timeline
