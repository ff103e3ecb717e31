package main

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

func TestLocalURL(t *testing.T) {
	for address, want := range map[string]string{
		":8080": "http://127.0.0.1:8080/healthz", "0.0.0.0:8080": "http://127.0.0.1:8080/healthz",
		"[::]:8080": "http://[::1]:8080/healthz", "10.1.2.3:80": "http://10.1.2.3:80/healthz",
		"localhost:1": "http://localhost:1/healthz", "": "", "8080": "", "host:": "",
	} {
		got, ok := localURL(address, "/healthz")
		if got != want || ok != (want != "") {
			t.Errorf("localURL(%q) = %q, %t, want %q", address, got, ok, want)
		}
	}
}

func TestHealthGivesUpOnAnAnswerThatNeverComes(t *testing.T) {
	l, err := freeListener()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hold := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			hold <- c
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = health(ctx, invocation{environ: map[string]string{"PROBE_ADDR": l.Addr().String()}, out: io.Discard})
	if got := exitStatus(err); got != exitError {
		t.Errorf("exit status %d (%v), want %d", got, err, exitError)
	}
	(<-hold).Close()
}
