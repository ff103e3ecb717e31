package slackapp

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// cache keeps a limited number of Slack's answers for a limited time, and makes one call at a time for each id.
type cache[V any] struct {
	// ttl is how long an answer is kept, size how many are.
	ttl  time.Duration
	size int
	// fetch asks Slack. Its errors are not cached.
	fetch func(ctx context.Context, id string) (V, error)

	mu      sync.Mutex
	entries map[string]*list.Element // of *cacheEntry[V]
	recent  *list.List               // the most recently used first
}

// cacheEntry is an answer, or the wait for it.
type cacheEntry[V any] struct {
	id      string
	done    chan struct{} // closed by the goroutine that fetches, when the other fields are set
	value   V
	err     error
	expires time.Time
}

func newCache[V any](ttl time.Duration, size int, fetch func(ctx context.Context, id string) (V, error)) *cache[V] {
	return &cache[V]{ttl: ttl, size: size, fetch: fetch, entries: map[string]*list.Element{}, recent: list.New()}
}

// get returns the answer for the id, from the cache if possible. If another goroutine is fetching it, get waits for that.
func (c *cache[V]) get(ctx context.Context, id string) (V, error) {
	if miss := cacheMissOf(ctx); miss != nil {
		return c.cached(id, miss)
	}
	for {
		e, created := c.reserve(id)
		if created {
			c.load(ctx, e)
			return e.value, e.err
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			var zero V
			return zero, context.Cause(ctx)
		}
		if e.err == nil {
			return e.value, nil
		}
		if ctx.Err() != nil {
			return e.value, e.err
		}
		// If the goroutine that fetched was canceled, that is no answer to us: try again.
		if !isCanceled(e.err) {
			return e.value, e.err
		}
	}
}

// cached returns the answer for the id if it is in the cache.
func (c *cache[V]) cached(id string, miss *cacheMiss) (value V, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[id]; el != nil {
		e := el.Value.(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
		// expires is set last, and under mu. Before that only the goroutine that fetches may read the other fields.
		if time.Now().Before(e.expires) && e.err == nil {
			c.recent.MoveToFront(el)
			return e.value, nil
		}
	}
	miss.any = true
	return value, errNotCached
}

// cacheMiss says whether any look-up found nothing in the cache.
type cacheMiss struct{ any bool }

type cacheMissKey struct{}

// cachedOnly returns a context with which look-ups use only the cache, and a cacheMiss that says whether that was enough.
// Both are for one goroutine.
func cachedOnly(ctx context.Context) (context.Context, *cacheMiss) {
	miss := new(cacheMiss)
	return context.WithValue(ctx, cacheMissKey{}, miss), miss
}

func cacheMissOf(ctx context.Context) *cacheMiss {
	miss, _ := ctx.Value(cacheMissKey{}).(*cacheMiss)
	return miss
}

// reserve returns the id's entry, or creates one that the caller has to load.
func (c *cache[V]) reserve(id string) (e *cacheEntry[V], created bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[id]; el != nil {
		e = el.Value.(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
		if e.expires.IsZero() || time.Now().Before(e.expires) {
			c.recent.MoveToFront(el)
			return e, false
		}
		c.drop(el)
	}
	e = &cacheEntry[V]{id: id, done: make(chan struct{})}
	c.entries[id] = c.recent.PushFront(e)
	for c.recent.Len() > c.size {
		c.drop(c.recent.Back())
	}
	return e, true
}

func (c *cache[V]) drop(el *list.Element) {
	e := c.recent.Remove(el).(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
	if c.entries[e.id] == el {
		delete(c.entries, e.id)
	}
}

func (c *cache[V]) load(ctx context.Context, e *cacheEntry[V]) {
	e.err = errFetchPanicked // until fetch returns
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		e.expires = time.Now().Add(c.ttl)
		if el := c.entries[e.id]; e.err != nil && el != nil && el.Value == any(e) {
			c.drop(el)
		}
		close(e.done)
	}()
	e.value, e.err = c.fetch(ctx, e.id)
}

var (
	errFetchPanicked = errors.New("the look-up panicked")
	errNotCached     = errors.New("not in the cache")
)

func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
