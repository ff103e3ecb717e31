package playground

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// These are the faults that the page can switch on.
const (
	rateLimits  = "limits"
	lostAnswers = "lost"
	redelivery  = "again"
	agenDown    = "down"
)

// faultInjector switches faults of both servers on and off.
type faultInjector struct {
	slack      *slacktest.Server
	agen       *agentest.Server
	agenSwitch AgenSwitch

	mu      sync.Mutex
	on      map[string]bool
	since   time.Time // when a fault was last switched
	refused map[string]bool
}

func newFaultInjector(cfg Config) *faultInjector {
	f := &faultInjector{
		slack: cfg.Slack, agen: cfg.Agen, agenSwitch: cfg.AgenSwitch,
		on:      map[string]bool{rateLimits: false, lostAnswers: false, redelivery: false, agenDown: false},
		refused: map[string]bool{},
	}
	f.apply()
	return f
}

var errUnknownFault = errors.New("there is no such fault")

// set switches one fault on or off. The error is errUnknownFault, or that of AgenSwitch.
func (f *faultInjector) set(ctx context.Context, name string, on bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if was, known := f.on[name]; !known {
		return fmt.Errorf("%q: %w", name, errUnknownFault)
	} else if was == on {
		return nil
	}
	if name == agenDown {
		if err := f.setAgenDown(ctx, on); err != nil {
			return err
		}
	}
	f.on[name], f.since = on, time.Now()
	f.apply()
	return nil
}

func (f *faultInjector) setAgenDown(ctx context.Context, down bool) error {
	if down {
		f.agenSwitch.Close()
		return nil
	}
	if err := f.agenSwitch.Open(ctx); err != nil {
		return fmt.Errorf("open Agen's listener: %w", err)
	}
	return nil
}

// These are the probabilities of the faults, and the Retry-After of a rate limit.
const (
	often     = 0.5
	limitWait = 2 * time.Second
)

// apply replaces the active faults by those that are switched on. f.mu is held, unless nobody else has f yet.
func (f *faultInjector) apply() {
	f.slack.ClearFaults()
	f.agen.ClearFaults()
	f.agen.AddFault(agentest.Fault{
		Call: agentest.CallSend, Match: f.refuses, Times: -1,
		Status: 422, Body: `{"message": "there is no environment named staging"}`,
	})
	if f.on[rateLimits] {
		f.slack.Inject(slacktest.Fault{
			Kind: slacktest.RateLimited, Match: talk, Count: -1, Probability: often, RetryAfter: limitWait,
		})
		limit := agentest.RateLimit("", limitWait)
		limit.Times, limit.Probability = -1, often
		f.agen.AddFault(limit)
	}
	if f.on[lostAnswers] {
		f.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Match: talk, Count: -1, Probability: often})
		for _, call := range []agentest.Call{agentest.CallSend, agentest.CallCreate} {
			lose := agentest.LoseAnswer(call)
			lose.Times, lose.Probability = -1, often
			f.agen.AddFault(lose)
		}
	}
	if f.on[redelivery] {
		f.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.Doubled, Count: -1, Probability: often})
		f.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Count: -1})
	}
}

// talk reports whether a call shows people something. Other calls are spared: without a socket there would be nothing
// to see.
func talk(r slacktest.Request) bool {
	return slices.Contains([]string{
		"chat.postMessage", "chat.postEphemeral", "chat.update", "reactions.add", "reactions.remove",
	}, r.Method)
}

// refuses reports whether Agen rejects a message: one that asks for it, the first time it is sent. Agen's server calls
// it with its lock held, so one call at a time.
func (f *faultInjector) refuses(r agentest.Request) bool {
	if !asks(said(r.Message), "refuse") || f.refused[r.ClientID] {
		return false
	}
	f.refused[r.ClientID] = true
	return true
}

// now returns the faults that are on, and when one was last switched.
func (f *faultInjector) now() (on map[string]bool, since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	on = map[string]bool{}
	for name, is := range f.on {
		on[name] = is
	}
	return on, f.since
}
