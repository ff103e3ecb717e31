package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
)

// TestMain runs the test binary as the bridge when the demo starts it that way.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == daemonWord {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestTheDemoHoldsItsPromisesInTime(t *testing.T) {
	var out, errs bytes.Buffer
	began := time.Now()
	if got := run(t.Context(), strings.Fields("-play"), nil, &out, &errs); got != exitGood {
		t.Fatalf("exit status %d, want %d; it said:\n%s%s", got, exitGood, &out, &errs)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s, want less than 20 s", took)
	}
	if errs.Len() > 0 {
		t.Errorf("standard error has %q, want nothing", &errs)
	}
	unwrapped := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"(Killed with SIGKILL.",
		"The session has it exactly once.",
		"Agen said: “there is no environment named staging”",
		"[Try again] [Dismiss]",
		"(only visible to Kim)",
		"2 messages in this thread are waiting",
		"[Don't send them]",
		"Both waiting messages have been sent, in order.",
		"completed Ann: @Agen please find out why and *fix it*",
		"Every promise held.",
	} {
		if !strings.Contains(unwrapped, want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line); n > 100 {
			t.Errorf("a line of %d columns, want 100 at most: %s", n, line)
		}
	}
}

func TestExitStatus(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		args []string
		want int
		says string
	}{
		"help":            {t.Context(), []string{"-h"}, exitGood, "no accounts"},
		"unknown flag":    {t.Context(), []string{"-x"}, exitUsage, "-x"},
		"argument":        {t.Context(), []string{"now"}, exitUsage, `"now"`},
		"interrupted":     {gone, []string{"-play"}, exitInterrupted, "interrupted"},
		"an open page":    {t.Context(), []string{"-addr", "0.0.0.0:0"}, exitUsage, "this machine alone"},
		"a page outside":  {t.Context(), []string{"-addr", "example.com:80"}, exitUsage, "this machine alone"},
		"no port":         {t.Context(), []string{"-addr", "127.0.0.1"}, exitUsage, "port"},
		"a bad duration":  {t.Context(), []string{daemonWord, "soon"}, exitUsage, "soon"},
		"no environment":  {t.Context(), []string{daemonWord, "0s"}, exitUsage, "SLACK_BOT_TOKEN"},
		"no second value": {t.Context(), []string{daemonWord}, exitUsage, daemonWord},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if got := run(c.ctx, c.args, strings.NewReader(""), &out, &errs); got != c.want {
				t.Errorf("exit status %d, want %d", got, c.want)
			}
			if !strings.Contains(errs.String(), c.says) {
				t.Errorf("standard error has %q, want %q in it", &errs, c.says)
			}
		})
	}
}

func TestThePageFindsAFreePort(t *testing.T) {
	first, err := listen(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := listen(t.Context(), "")
	if err != nil {
		t.Fatalf("with the usual port taken: %v", err)
	}
	defer second.Close()
	if third, err := listen(t.Context(), second.Addr().String()); err == nil {
		third.Close()
		t.Error("a port that was asked for is replaced by another")
	}
}

// A bridge that ends by itself must fail the demo at once, and not after a
// timeout.
func TestABridgeThatDiesIsNoticed(t *testing.T) {
	died, log := make(chan error, 1), &logbook{}
	p, err := startProcess(t.Context(), []string{}, 0, log, func(err error) { died <- err })
	if err != nil {
		t.Fatal(err)
	}
	if got := <-died; !errors.Is(got, errDied) {
		t.Errorf("died of %v, want %v", got, errDied)
	}
	if err := p.Kill(); err != nil {
		t.Errorf("kill after the end: %v", err)
	}
	if got := log.end(); !strings.Contains(got, "SLACK_BOT_TOKEN") {
		t.Errorf("the log ends with %q, want what is missing", got)
	}
}

// A check that can't fail proves nothing.
func TestTheDemoWouldNotice(t *testing.T) {
	const one, two = "1700000001.000000", "1700000002.000000"
	for name, c := range map[string]struct {
		has  []string // the session's messages
		want string   // what the check says; empty if nothing is wrong
	}{
		"all there":     {[]string{one, two}, ""},
		"lost":          {[]string{two}, "The session has [" + two + "]"},
		"doubled":       {[]string{one, two, two}, "The session has [" + one + " " + two + " " + two + "]"},
		"in disorder":   {[]string{two, one}, "The session has [" + two + " " + one + "]"},
		"not addressed": {[]string{one, two, ""}, "The session has [" + one + " " + two + " ]"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stage{agen: agentest.New(agentest.Config{Agent: agentest.Agent{Manual: true}})}
			defer func() {
				if err := s.agen.Close(); err != nil {
					t.Error(err)
				}
			}()
			s.lines = []line{{ts: two, text: "with the staging environment"}, {ts: one}}
			session := s.agen.AddSession("", agen.Session{})
			for _, ts := range c.has {
				e := agentest.UserMessage("m")
				e.ClientID = ts
				if _, err := s.agen.AddEvent(session.ID, e); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.order(); got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("order says %q, want %q", got, c.want)
			}
		})
	}
}

func TestPageIsNarrow(t *testing.T) {
	for name, c := range map[string]struct{ mark, text, want string }{
		"short":      {"   → ", "a b", "   → a b\n"},
		"empty":      {"     │ ", "", "     │\n"},
		"continued":  {" ", strings.Repeat("x", 60) + " " + strings.Repeat("y", 60), " " + strings.Repeat("x", 60) + "\n " + strings.Repeat("y", 60) + "\n"},
		"quoted":     {"│ ", strings.Repeat("x", 60) + " " + strings.Repeat("y", 60), "│ " + strings.Repeat("x", 60) + "\n│ " + strings.Repeat("y", 60) + "\n"},
		"a long one": {"", strings.Repeat("x", 120) + " y", strings.Repeat("x", 120) + "\ny\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			(&page{w: &out}).wrapped(c.mark, c.text)
			if got := out.String(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
