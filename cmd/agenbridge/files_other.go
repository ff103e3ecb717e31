//go:build !unix

package main

// refuseLargeFiles does nothing: there is no such limit here.
func refuseLargeFiles() {}
