// Package daemon is the bridge as a process: it makes of the environment a
// configuration, of that the store, the relay and the two remotes, and runs
// them until it is told to stop. It knows every package and decides nothing of
// what happens to a message.
//
// The command, the demo and the end-to-end tests all come in by the same door:
//
//	cfg, err := daemon.Parse(daemon.Environ(os.Environ()))
//	err = daemon.Run(ctx, cfg, daemon.Options{Log: os.Stdout})
//
// # Configuration
//
// Config has one field for each environment variable, and its tags are the
// only source of names, defaults, bounds and documentation: Variables returns
// them, help prints them, and a test compares them with the README. Parse
// reports everything that is wrong at once. Of a secret a message says at most
// what kind of token it is.
//
// # Life
//
// Run starts the probes first, so that it can be seen waiting for its store's
// lock and for Slack. Then it runs five stages side by side, and ends them in
// this order, each when the one before has ended:
//
//	watch    looks after credentials, once a minute
//	sweeps   find what no socket brought
//	slack    hears what comes in
//	relay    works on what is owed; steps under way get 8 s
//	store    keeps house; then the file is closed
//
// So nothing comes in that nobody would write down, and nothing is settled
// that can't be written. The probes end last. When Run returns, none of its
// goroutines is left. What was under way and could not be finished is begun on
// disk, and looked up by the next process.
//
// # Probes
//
// /healthz tells whether the process's own loops turn. It fails when one has
// not for a minute, which only a bug can do; a restart helps then. It never
// depends on Slack, on Agen or on the disk, for a restart doesn't help them.
//
// /readyz names what is red: the store can't write, no socket is open, Slack
// or Agen refuses a credential. /metrics has the same and more as numbers.
//
// # Credentials
//
// While a side refuses a credential, the file it came from is read again once a
// minute, and what is new in it is used. Nothing is lost meanwhile, and whatever
// has another credential goes on: the other side, and the routes with other
// keys.
package daemon
