package main

import "net"

// localURL returns the URL that reaches a listening address from this machine, or
// false if the address is not a host:port.
func localURL(address, path string) (string, bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return "", false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + path, true
}
