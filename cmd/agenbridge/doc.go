// Command agenbridge bridges Slack threads to the Agen coding agent.
//
//	agenbridge            run the bridge, the same as agenbridge serve
//	agenbridge check      try the configuration and the credentials
//	agenbridge health     ask the running bridge how it is
//	agenbridge version    say what this is
//	agenbridge help       list the commands and the environment variables
//
// Everything is configured by environment variables. Exit status 0 is success,
// 1 a failure, 2 a wrong command or a wrong configuration; in the last case
// everything that is wrong is printed at once.
//
// The package is the command line only: what the process does is in package
// daemon.
package main
