package store

import (
	"context"
	"sync/atomic"
	"time"
)

// maxBatch is the maximum number of requests that share a commit, so that the first one
// doesn't wait for the work of hundreds.
const maxBatch = 128

// patience is how long a deferrable request waits for others. Under load it shares the
// commit of an urgent request, which saves half of all commits. Without load, a reaction
// appears that much later.
const patience = 20 * time.Millisecond

// committer is the only goroutine that writes to the database.
type committer struct {
	*database

	// requests are received by the committer. It ends when quit is closed, and then
	// closes stopped.
	requests      chan *request
	quit, stopped chan struct{}
	// next is a request that must be alone in its batch. Only the committer uses it.
	next *request
	// chores are functions that the committer runs between commits.
	chores chan func()
	// writingSince is when the present write began. It is nil between writes.
	writingSince atomic.Pointer[time.Time]
}

func newCommitter(d *database) *committer {
	return &committer{
		database: d,
		requests: make(chan *request),
		chores:   make(chan func()),
		quit:     make(chan struct{}),
		stopped:  make(chan struct{}),
	}
}

// submit hands the request to the committer and waits for its result. If ctx ends before
// the committer receives the request, the request has no effect. After that, submit waits
// for the result even if ctx ends, so the caller always knows the outcome.
func (c *committer) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	r.done = make(chan struct{})
	select {
	case c.requests <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-c.quit:
		return ErrClosed
	}
	<-r.done
	return r.err
}

// run commits requests until quit is closed.
func (c *committer) run() {
	defer close(c.stopped)
	for {
		if r := c.next; r != nil {
			c.next = nil
			c.timed(func() { c.commit([]*request{r}) })
			continue
		}
		select {
		case r := <-c.requests:
			all := c.gather(r)
			c.timed(func() { c.commit(all) })
		case do := <-c.chores:
			c.timed(do)
		case <-c.quit:
			return
		}
	}
}

// timed runs a function that uses the disk, and records when it began, so that Health can
// tell how long it takes.
func (c *committer) timed(do func()) {
	now := c.cfg.Now()
	c.writingSince.Store(&now)
	defer c.writingSince.Store(nil)
	do()
}

// gather collects the requests that wait at this moment. If all of them are deferrable,
// it waits for one that isn't. A request that changes many threads gets a batch of its
// own, and requests after it see its result.
func (c *committer) gather(first *request) []*request {
	all := append(make([]*request, 0, 8), first)
	deferrable := first.deferrable
	for len(all) < maxBatch && first.channelTx == nil {
		select {
		case r := <-c.requests:
			if r.channelTx != nil {
				c.next = r
				return all
			}
			all = append(all, r)
			deferrable = deferrable && r.deferrable
			continue
		default:
		}
		if !deferrable {
			return all
		}
		return c.linger(all)
	}
	return all
}

// linger waits for a request that isn't deferrable, and collects the requests that arrive
// in the meantime.
func (c *committer) linger(all []*request) []*request {
	over := time.NewTimer(patience)
	defer over.Stop()
	for len(all) < maxBatch {
		select {
		case r := <-c.requests:
			if r.channelTx != nil {
				c.next = r
				return all
			}
			all = append(all, r)
			if !r.deferrable {
				return all
			}
		case <-over.C:
			return all
		case <-c.quit:
			return all
		}
	}
	return all
}

// commit runs the requests in one transaction and reports the result to each of them.
func (c *committer) commit(all []*request) {
	b := newBatch(c.database, all)
	err := c.writing(b.run)
	if err != nil {
		for _, r := range all {
			if r.err == nil {
				r.err = err
			}
		}
	} else {
		c.channels.Store(b.channels)
	}
	b.book(err)
	for _, r := range all {
		close(r.done)
	}
}
