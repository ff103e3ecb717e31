//go:build !unix

package main

// ignoreFileSizeSignal does nothing, because this system has no such signal.
func ignoreFileSizeSignal() {}
