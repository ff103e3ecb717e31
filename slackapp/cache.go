package slackapp

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// cache keeps what was asked of Slack, for a while and not too much of it, and asks for each thing once at a time.
type cache[V any] struct {
	// ttl is how long an answer is good, size how many are kept.
	ttl  time.Duration
	size int
	// fetch asks Slack. Its errors are not kept.
	fetch func(ctx context.Context, id string) (V, error)

	mu      sync.Mutex
	entries map[string]*list.Element // of *entry[V]
	recent  *list.List               // the most recently used first
}

// cacheEntry is one answer, or the wait for it.
type cacheEntry[V any] struct {
	id      string
	done    chan struct{} // closed when the rest is set, by whoever asks
	value   V
	err     error
	expires time.Time
}

func newCache[V any](life time.Duration, size int, ask func(ctx context.Context, id string) (V, error)) *cache[V] {
	return &cache[V]{ttl: life, size: size, fetch: ask, entries: map[string]*list.Element{}, recent: list.New()}
}

// get returns what is known of the id, asking if need be. When somebody else asks already, that answer is waited for.
func (l *cache[V]) get(ctx context.Context, id string) (V, error) {
	if lack := cacheMissOf(ctx); lack != nil {
		return l.cached(id, lack)
	}
	for {
		e, mine := l.reserve(id)
		if mine {
			l.load(ctx, e)
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
		// Whoever asked may have been interrupted: that is no answer to us.
		if !isCanceled(e.err) {
			return e.value, e.err
		}
	}
}

// cached returns what is known of the id without asking.
func (l *cache[V]) cached(id string, lack *cacheMiss) (value V, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.entries[id]; el != nil {
		e := el.Value.(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
		// until is set last, and under mu: before that nobody but the asker may look.
		if time.Now().Before(e.expires) && e.err == nil {
			l.recent.MoveToFront(el)
			return e.value, nil
		}
	}
	lack.any = true
	return value, errNotCached
}

// cacheMiss tells whether a look-up without asking lacked anything.
type cacheMiss struct{ any bool }

type cacheMissKey struct{}

// cachedOnly has look-ups answer from what is known, and lack tell whether that was enough. It is for one goroutine.
func cachedOnly(ctx context.Context) (context.Context, *cacheMiss) {
	l := new(cacheMiss)
	return context.WithValue(ctx, cacheMissKey{}, l), l
}

func cacheMissOf(ctx context.Context) *cacheMiss {
	l, _ := ctx.Value(cacheMissKey{}).(*cacheMiss)
	return l
}

// reserve finds the id's entry, or makes one that the caller has to fill.
func (l *cache[V]) reserve(id string) (e *cacheEntry[V], mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.entries[id]; el != nil {
		e = el.Value.(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
		if e.expires.IsZero() || time.Now().Before(e.expires) {
			l.recent.MoveToFront(el)
			return e, false
		}
		l.drop(el)
	}
	e = &cacheEntry[V]{id: id, done: make(chan struct{})}
	l.entries[id] = l.recent.PushFront(e)
	for l.recent.Len() > l.size {
		l.drop(l.recent.Back())
	}
	return e, true
}

func (l *cache[V]) drop(el *list.Element) {
	e := l.recent.Remove(el).(*cacheEntry[V]) //nolint:forcetypeassert // the list holds nothing else
	if l.entries[e.id] == el {
		delete(l.entries, e.id)
	}
}

func (l *cache[V]) load(ctx context.Context, e *cacheEntry[V]) {
	e.err = errFetchPanicked // until ask returns
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		e.expires = time.Now().Add(l.ttl)
		if el := l.entries[e.id]; e.err != nil && el != nil && el.Value == any(e) {
			l.drop(el)
		}
		close(e.done)
	}()
	e.value, e.err = l.fetch(ctx, e.id)
}

var (
	errFetchPanicked = errors.New("the look-up did not end")
	errNotCached     = errors.New("nobody was asked")
)

func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
