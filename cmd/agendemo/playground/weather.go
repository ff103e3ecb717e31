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

// The kinds of bad weather.
const (
	rateLimits  = "limits"
	lostAnswers = "lost"
	redelivery  = "again"
	agenDown    = "down"
)

// weather is what goes wrong at the moment.
type weather struct {
	slack *slacktest.Server
	agen  *agentest.Server
	road  Road

	mu      sync.Mutex
	on      map[string]bool
	since   time.Time // of the last change
	refused map[string]bool
}

func newWeather(cfg Config) *weather {
	w := &weather{
		slack: cfg.Slack, agen: cfg.Agen, road: cfg.Road,
		on:      map[string]bool{rateLimits: false, lostAnswers: false, redelivery: false, agenDown: false},
		refused: map[string]bool{},
	}
	w.apply()
	return w
}

var errNoWeather = errors.New("there is no such weather")

// set switches one kind on or off. The error is errNoWeather, or that of the road to Agen.
func (w *weather) set(ctx context.Context, name string, on bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if was, known := w.on[name]; !known {
		return fmt.Errorf("%q: %w", name, errNoWeather)
	} else if was == on {
		return nil
	}
	if name == agenDown {
		if err := w.travel(ctx, on); err != nil {
			return err
		}
	}
	w.on[name], w.since = on, time.Now()
	w.apply()
	return nil
}

func (w *weather) travel(ctx context.Context, down bool) error {
	if down {
		w.road.Close()
		return nil
	}
	if err := w.road.Open(ctx); err != nil {
		return fmt.Errorf("open the road to Agen: %w", err)
	}
	return nil
}

// How often it hits, and for how long a rate limit asks to wait.
const (
	often     = 0.5
	limitWait = 2 * time.Second
)

// apply puts into force what is on, in place of what was. w.mu is held, or nobody else has w.
func (w *weather) apply() {
	w.slack.ClearFaults()
	w.agen.ClearFaults()
	w.agen.AddFault(agentest.Fault{
		Call: agentest.CallSend, Match: w.refuses, Times: -1,
		Status: 422, Body: `{"message": "there is no environment named staging"}`,
	})
	if w.on[rateLimits] {
		w.slack.Inject(slacktest.Fault{
			Kind: slacktest.RateLimited, Match: talk, Count: -1, Probability: often, RetryAfter: limitWait,
		})
		limit := agentest.RateLimit("", limitWait)
		limit.Times, limit.Probability = -1, often
		w.agen.AddFault(limit)
	}
	if w.on[lostAnswers] {
		w.slack.Inject(slacktest.Fault{Kind: slacktest.LoseAnswer, Match: talk, Count: -1, Probability: often})
		for _, call := range []agentest.Call{agentest.CallSend, agentest.CallCreate} {
			lose := agentest.LoseAnswer(call)
			lose.Times, lose.Probability = -1, often
			w.agen.AddFault(lose)
		}
	}
	if w.on[redelivery] {
		w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.Doubled, Count: -1, Probability: often})
		w.slack.InjectEvent(slacktest.EventFault{Kind: slacktest.DropAcks, Count: -1})
	}
}

// talk are the calls that show people something. The others stay fair: without a socket nothing could be seen.
func talk(r slacktest.Request) bool {
	return slices.Contains([]string{
		"chat.postMessage", "chat.postEphemeral", "chat.update", "reactions.add", "reactions.remove",
	}, r.Method)
}

// refuses reports whether Agen refuses a message: one that asks for it, the first time. Agen's server calls it under
// its lock, so one call at a time.
func (w *weather) refuses(r agentest.Request) bool {
	if !asks(said(r.Message), "refuse") || w.refused[r.ClientID] {
		return false
	}
	w.refused[r.ClientID] = true
	return true
}

// now returns what is on, and since when nothing changed.
func (w *weather) now() (on map[string]bool, since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	on = map[string]bool{}
	for name, is := range w.on {
		on[name] = is
	}
	return on, w.since
}
