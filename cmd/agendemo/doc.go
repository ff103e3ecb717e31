// Agendemo runs the bridge with a test Slack and a test Agen on one machine, with
// no accounts and no configuration.
//
// Usage:
//
//	agendemo [-addr address]   serve a page that looks like Slack
//	agendemo -play             play a conversation and check the promises
//
// Both start a Slack server (slacktest) and an Agen server (agentest) on the
// loopback interface. The page, package playground, is served until the program is
// interrupted.
//
// With -play, two teammates talk, the program prints what they see, and then checks
// the bridge's promises. It takes less than 20 seconds. The exit status is 0 if the
// promises were kept, 1 if one was not, with the reason and the end of the bridge's
// log, and 130 if the program was interrupted.
//
// # What is real
//
// The bridge is the daemon of cmd/agenbridge, unchanged, with its sockets, HTTP, file
// and fsync. It is started by the function that the command uses, daemon.Run, with a
// parsed environment. Of Slack and Agen only the protocol is real.
//
// # Kills
//
// A bridge in the demo's own process could be stopped but not killed: deferred calls
// would run, buffers would be flushed, and the file would be closed. So the program
// starts itself a second time, as "agendemo daemon AHEAD", and that process is the
// bridge. It is killed with SIGKILL. With -play that happens twice, once at the worst
// moment: Agen has the message, and its response has not been sent. Slack and Agen
// stay in the first process. The bridge ends by itself when its standard input does,
// so none is left behind.
//
// # The clock
//
// The note about an outage appears when a message has waited for two minutes. With
// -play nobody waits for that: the bridge that is started after the second kill has a
// clock that is two minutes ahead (AHEAD above, daemon.Options.Now), as if it had been
// down for that long. The output says so.
package main
