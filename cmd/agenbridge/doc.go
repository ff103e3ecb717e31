// Agenbridge is a Slack app that relays Slack threads to the Agen coding agent.
//
// Usage:
//
//	agenbridge                 run the bridge, the same as agenbridge serve
//	agenbridge check           try the configuration, the credentials and the ids
//	agenbridge health          ask the running bridge's /healthz
//	agenbridge backup <file>   copy the running bridge's store to a new file
//	agenbridge version         print the version and the platform
//	agenbridge help            list the commands and the environment variables
//
// All configuration comes from environment variables. The exit status is 0 for
// success, 1 for an error, and 2 for a wrong command line or configuration. An error
// is printed as one line that says what to do; all problems of the configuration are
// printed at once, one line each.
//
// The package knows the command line only: package daemon runs the bridge.
package main
