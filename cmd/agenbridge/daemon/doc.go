// Package daemon runs the bridge as a process: it parses the environment into a
// configuration, assembles the store, the relay and the two remotes, and runs
// them until it is told to stop. It knows every package and decides nothing about
// a message.
//
// The command, the demo and the end-to-end tests use the same entry point:
//
//	cfg, err := daemon.Parse(daemon.Environ(os.Environ()))
//	err = daemon.Run(ctx, cfg, daemon.Options{Log: os.Stdout})
//
// # Configuration
//
// Config has one field for each environment variable, and its tags are the only
// source of names, defaults, bounds and documentation: Variables returns them,
// help prints them, and a test compares them with the README. Parse reports all
// problems at once. A message about a secret says at most what kind of token it
// is.
//
// # Lifetime
//
// Run starts the probes first, so that they can report that the daemon waits for
// the store's lock or for Slack. Then it runs these stages concurrently, and on
// shutdown stops them in this order, each after the previous one has returned:
//
//	credentials  checks the credentials once a minute
//	backfill     finds messages that no socket delivered
//	slack        receives events
//	relay        sends what is pending; in-flight steps get 8 s
//	store        heartbeat, pruning, scrubbing; then the file is closed
//	limits       restores the session counts of the last day
//
// So nothing is received that could not be stored, and no step finishes whose
// outcome could not be written. The probes stop last. When Run returns, all its
// goroutines have stopped. Whatever was in flight and did not finish is marked so
// on disk, and the next process looks it up.
//
// # Probes
//
// /healthz reports whether the relay's loops make progress. It fails if a loop has
// been busy with its own work for two minutes. Only a bug can cause that, and a
// restart helps. /healthz never depends on the disk, Slack or Agen, because a restart
// would not fix them: a loop that waits for the store, or for a worker that waits for
// a remote, is healthy.
//
// /readyz names what is red:
//
//   - the store can't write, or hangs
//   - no socket is open
//   - Slack or Agen refuses a credential
//   - calls to Slack or Agen have failed for a minute
//   - all workers have waited for a minute
//   - a check of the credentials doesn't end
//
// It also reports what is pending and since when a remote has been silent. It reads
// memory only, so it can always answer. /metrics reports the same and more as metrics.
//
// # Credentials
//
// While a remote refuses a credential, its file is read again once a minute, and
// a new value is used. Nothing is lost meanwhile, and everything with another
// credential continues: the other remote, and the routes with other keys.
package daemon
