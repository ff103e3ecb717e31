// Command agendemo shows the bridge at work on one machine, with no accounts
// and no configuration:
//
//	go run ./cmd/agendemo
//	go run ./cmd/agendemo -play
//
// Both bring up a Slack (slacktest) and an Agen (agentest) on the loopback
// interface. The first serves a page that looks like Slack, package
// playground, until it is interrupted.
//
// The second lets two teammates talk, prints what they see, and checks the
// bridge's promises itself: exit status 0 means that they held, 1 that one
// didn't, with the reason and the end of the bridge's log; 130 that it was
// interrupted. It takes less than 20 seconds.
//
// # What is real
//
// The bridge is the daemon of cmd/agenbridge, unchanged: sockets, HTTP, the
// file, fsync. It comes in by the door that the command uses, daemon.Run with a
// parsed environment. Of the two others only the protocol is real.
//
// # Killing it
//
// A bridge that runs in the demo's own process could be stopped, not killed:
// deferred calls would run, buffers would be flushed, the file would be
// closed. So the program starts itself a second time, as "agendemo daemon
// AHEAD", and that process is the bridge. It is killed with SIGKILL, with -play
// twice and once at the worst moment there is: Agen has the message, and its
// answer has not left. The Slack and the Agen stay in the first process. The bridge ends by
// itself when its standard input does, so none is left behind.
//
// # Two minutes
//
// The note about an outage appears when a message has waited for two minutes.
// With -play nobody waits: the bridge that is started after the second kill has
// a clock that is two minutes ahead (AHEAD above, daemon.Options.Now), as if it
// had been down for so long. The output says so where it happens.
package main
