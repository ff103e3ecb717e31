//go:build unix

package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

var killSeed = flag.Uint64("kill.seed", 0, "seed of the random kills; 0 chooses one")

// TestKilledAgainAndAgainNothingIsLostOrDoubled is one long conversation during
// which the binary is killed at random moments. The seed makes the messages and the
// times repeatable, as far as the timing of two processes and a disk allows.
func TestKilledAgainAndAgainNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat: -kill.seed=%d", seed)
	const kills = 25
	w := newKillTown(t, binary(t), 200*time.Second)
	c := &chatter{killTown: w, rng: rand.New(rand.NewPCG(seed, 25))}
	w.start()
	for range 3 {
		c.begin()
	}
	for range kills {
		for range 1 + c.rng.IntN(6) {
			c.act()
			c.pause(120 * time.Millisecond)
		}
		c.pause(400 * time.Millisecond)
		w.end(os.Kill)
		c.pause(100 * time.Millisecond)
		if c.rng.IntN(3) == 0 {
			c.act() // while the binary is down
		}
		w.start()
	}
	t.Logf("%d messages", len(w.utterances()))
	w.leaveNotes()
	w.comesToRest()
}

// chatter plays people who send, edit and delete messages.
type chatter struct {
	*killTown
	rng     *rand.Rand
	threads []string
}

// pause waits for a random time of at most d.
func (c *chatter) pause(d time.Duration) {
	timer := time.NewTimer(time.Duration(c.rng.Int64N(int64(d))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.ctx.Done():
	}
}

func (c *chatter) begin() {
	c.threads = append(c.threads, c.say(c.ann, "", "<@U0AGEN> begin", relayed).root)
}

// act does one random thing that people do.
func (c *chatter) act() {
	root := c.threads[c.rng.IntN(len(c.threads))]
	by := c.ann
	if c.rng.IntN(2) == 0 {
		by = c.bob
	}
	switch n := c.rng.IntN(100); {
	case n < 8:
		c.begin()
	case n < 12:
		c.say(c.gil, root, "mine a coin", barred)
	case n < 16:
		c.say(by, root, refused, returned)
	case n < 26:
		if u := c.any(); u != nil {
			c.edit(u, "in other words")
		}
	case n < 32:
		if u := c.any(); u != nil && u.ts != u.root {
			c.takeBack(u)
		}
	case n < 40:
		c.say(by, root, "<@U0AGEN> and more", relayed)
	default:
		c.say(by, root, "and this", relayed)
	}
}

// any returns a random message that can still be changed.
func (c *chatter) any() *utterance {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.said[c.rng.IntN(len(c.said))]
	if u.fate != relayed {
		return nil
	}
	return u
}
