package slackapp

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

const (
	// backfillInterval is how often the active threads are read.
	backfillInterval = 5 * time.Minute
	// socketTime is how long a socket has to bring a message that was written while it was up, before the backfill
	// delivers it.
	socketTime = time.Minute
	// activeFor is how long after its last message a thread is active.
	activeFor = 24 * time.Hour
	// maxPerRound limits the active threads that are read in one round; the others have their turn in the next one.
	maxPerRound = 120
)

// backlog is what the backfill has to read: the active threads, and whether the channels have to be read, too. The App
// reports to it, the [Backfill] works it off. The methods that the App calls do nothing on a nil backlog.
type backlog struct {
	// wake has an element when there is something to do. loaded is closed when pending is complete, and released when no
	// message waits for pending threads any more.
	wake, loaded, released chan struct{}

	mu     sync.Mutex
	active map[bridge.ThreadKey]*activity
	// pending are the threads that live messages wait for after the start. A channel is closed when its thread was read.
	pending map[bridge.ThreadKey]chan struct{}
	// urgent are the pending threads for which a message waits already.
	urgent []bridge.ThreadKey
	// renamed are the channels whose threads have to be read again.
	renamed map[bridge.ChannelKey]bool
	// mark is the ts up to which everything was read.
	mark string
	// channelsDue says that the channels have to be read.
	channelsDue bool
	// upSince is since when a socket has been up; zero while none is. lostAt is when an event could not be stored.
	upSince, lostAt time.Time
}

// activity is when a thread was last used, and the ts up to which it was read.
type activity struct {
	last time.Time
	read string
}

func newBacklog() *backlog {
	return &backlog{
		wake: make(chan struct{}, 1), loaded: make(chan struct{}), released: make(chan struct{}),
		active: map[bridge.ThreadKey]*activity{}, pending: map[bridge.ThreadKey]chan struct{}{},
		renamed: map[bridge.ChannelKey]bool{}, channelsDue: true,
	}
}

// start sets what is known at the start: the mark, and the threads that changed lately, the latest first.
func (b *backlog) start(mark string, threads []bridge.ThreadKey) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.mark = mark
	for i, key := range threads {
		if b.active[key] == nil {
			b.active[key] = &activity{last: now.Add(-time.Duration(i))} // keeps their order
		}
		b.pending[key] = make(chan struct{})
	}
	for _, t := range b.active {
		t.read = mark
	}
	close(b.loaded)
}

// sockets takes how many sockets are up. When the first one comes up, the channels have to be read.
func (b *backlog) sockets(up int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case up == 0:
		b.upSince = time.Time{}
	case b.upSince.IsZero():
		b.upSince, b.channelsDue = time.Now(), true
		b.wakeUp()
	}
}

// dropped says that an event could not be stored. Slack delivers it again, but not for long.
func (b *backlog) dropped() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lostAt, b.channelsDue = time.Now(), true
	b.wakeUp()
}

// noteUse says that there is a new message in a thread of ours.
func (b *backlog) noteUse(key bridge.ThreadKey) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.active[key] == nil {
		b.active[key] = &activity{read: b.mark}
	}
	b.active[key].last = time.Now()
}

// channelRenamed says that a channel has another key now. A message that arrived under it before we knew may belong to
// a thread of ours, so its threads are read again.
func (b *backlog) channelRenamed(channel bridge.ChannelKey) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renamed[channel] = true
	b.wakeUp()
}

// channelLeft says that we are no longer in a channel, by all its keys: nothing in it can be read.
func (b *backlog) channelLeft(channels []bridge.ChannelKey) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.active {
		if slices.Contains(channels, key.Channel()) && b.pending[key] == nil {
			delete(b.active, key)
		}
	}
}

// await has a live message wait until its thread was read after the start, so that it doesn't overtake missed ones.
func (b *backlog) await(ctx context.Context, key bridge.ThreadKey) {
	if b == nil {
		return
	}
	select {
	case <-b.loaded:
	case <-b.released:
		return
	case <-ctx.Done():
		return
	}
	b.mu.Lock()
	read := b.pending[key]
	if read != nil && !slices.Contains(b.urgent, key) {
		b.urgent = append(b.urgent, key)
	}
	b.mu.Unlock()
	if read == nil {
		return
	}
	select {
	case <-read:
	case <-b.released:
	case <-ctx.Done():
	}
}

// wakeUp wakes the backfill. mu is held.
func (b *backlog) wakeUp() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// ready reports whether a socket is up and no event was lost in the last minute: Slack may deliver it again. Otherwise
// it returns when to ask again.
func (b *backlog) ready() (again time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch wait := time.Until(b.lostAt.Add(socketTime)); {
	case b.upSince.IsZero():
		return backfillInterval, false
	case wait > 0:
		return wait, false
	default:
		return 0, true
	}
}

// takeChannelsDue reports whether the channels have to be read, and clears that.
func (b *backlog) takeChannelsDue() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.channelsDue
	b.channelsDue = false
	return due
}

func (b *backlog) setChannelsDue() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.channelsDue = true
}

// next yields the active threads that are not done: first those that a message waits for, then those that were not read
// for longest, the last used first. Once it calls skipped with the number of threads that are left to the next round.
func (b *backlog) next(done map[bridge.ThreadKey]bool, skipped func(n int)) iter.Seq[bridge.ThreadKey] {
	return func(yield func(bridge.ThreadKey) bool) {
		queue, limit := b.queue()
		if more := len(queue) - limit; more > 0 {
			skipped(more)
			queue = queue[:limit]
		}
		for len(queue) > 0 {
			b.mu.Lock()
			if len(b.urgent) > 0 {
				queue = append([]bridge.ThreadKey{b.urgent[0]}, queue...)
				b.urgent = b.urgent[1:]
			}
			b.mu.Unlock()
			key := queue[0]
			queue = queue[1:]
			if !done[key] && !yield(key) {
				return
			}
		}
	}
}

// queue returns the active threads in their order, and how many of them to read. It forgets those that are not active
// any more.
func (b *backlog) queue() (queue []bridge.ThreadKey, limit int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, t := range b.active {
		if time.Since(t.last) > activeFor && b.pending[key] == nil {
			delete(b.active, key)
			continue
		}
		queue = append(queue, key)
	}
	slices.SortFunc(queue, func(x, y bridge.ThreadKey) int {
		s, t := b.active[x], b.active[y]
		return cmp.Or(cmp.Compare(s.read, t.read), t.last.Compare(s.last), cmp.Compare(x, y))
	})
	return queue, max(maxPerRound, len(b.pending))
}

// readUpTo returns the ts up to which a thread was read; that of the round for one that isn't active.
func (b *backlog) readUpTo(key bridge.ThreadKey, mark string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.active[key]; t != nil {
		return t.read
	}
	return mark
}

// threadRead says that a thread was read, up to the given ts; an empty one if it could not be read. If it is gone, it is
// not active any more.
func (b *backlog) threadRead(key bridge.ThreadKey, upTo string, gone bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if read := b.pending[key]; read != nil {
		close(read)
		delete(b.pending, key)
	}
	switch t := b.active[key]; {
	case t == nil:
	case gone:
		delete(b.active, key)
	case upTo != "":
		t.read = upTo
	}
}

// advance moves the mark to the ts up to which all threads were read in a round that began at the given ts. It returns
// false if the mark does not change.
func (b *backlog) advance(began string) (mark string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	mark = began
	for _, t := range b.active {
		if bridge.TSBefore(t.read, mark) {
			mark = t.read
		}
	}
	if b.channelsDue || !bridge.TSBefore(b.mark, mark) {
		return b.mark, false
	}
	b.mark = mark
	return mark, true
}

// sleep returns false if ctx ended before d had passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
