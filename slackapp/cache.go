package slackapp

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// lookup keeps what was asked of Slack, for a while and not too much of it, and asks for each thing once at a time.
type lookup[V any] struct {
	// life is how long an answer is good, size how many are kept.
	life time.Duration
	size int
	// ask asks Slack. Its errors are not kept.
	ask func(ctx context.Context, id string) (V, error)

	mu      sync.Mutex
	entries map[string]*list.Element // of *entry[V]
	recent  *list.List               // the most recently used first
}

// entry is one answer, or the wait for it.
type entry[V any] struct {
	id    string
	done  chan struct{} // closed when the rest is set, by whoever asks
	value V
	err   error
	until time.Time
}

func newLookup[V any](life time.Duration, size int, ask func(ctx context.Context, id string) (V, error)) *lookup[V] {
	return &lookup[V]{life: life, size: size, ask: ask, entries: map[string]*list.Element{}, recent: list.New()}
}

// of returns what is known of the id, asking if need be. When somebody else asks already, that answer is waited for.
func (l *lookup[V]) of(ctx context.Context, id string) (V, error) {
	if lack := lackOf(ctx); lack != nil {
		return l.known(id, lack)
	}
	for {
		e, mine := l.claim(id)
		if mine {
			l.fill(ctx, e)
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
		if !interrupted(e.err) {
			return e.value, e.err
		}
	}
}

// known returns what is known of the id without asking.
func (l *lookup[V]) known(id string, lack *lack) (value V, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.entries[id]; el != nil {
		e := el.Value.(*entry[V]) //nolint:forcetypeassert // the list holds nothing else
		// until is set last, and under mu: before that nobody but the asker may look.
		if time.Now().Before(e.until) && e.err == nil {
			l.recent.MoveToFront(el)
			return e.value, nil
		}
	}
	lack.any = true
	return value, errNotKnown
}

// lack tells whether a look-up without asking lacked anything.
type lack struct{ any bool }

type lackKey struct{}

// withoutAsking has look-ups answer from what is known, and lack tell whether that was enough. It is for one goroutine.
func withoutAsking(ctx context.Context) (context.Context, *lack) {
	l := new(lack)
	return context.WithValue(ctx, lackKey{}, l), l
}

func lackOf(ctx context.Context) *lack {
	l, _ := ctx.Value(lackKey{}).(*lack)
	return l
}

// claim finds the id's entry, or makes one that the caller has to fill.
func (l *lookup[V]) claim(id string) (e *entry[V], mine bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if el := l.entries[id]; el != nil {
		e = el.Value.(*entry[V]) //nolint:forcetypeassert // the list holds nothing else
		if e.until.IsZero() || time.Now().Before(e.until) {
			l.recent.MoveToFront(el)
			return e, false
		}
		l.drop(el)
	}
	e = &entry[V]{id: id, done: make(chan struct{})}
	l.entries[id] = l.recent.PushFront(e)
	for l.recent.Len() > l.size {
		l.drop(l.recent.Back())
	}
	return e, true
}

func (l *lookup[V]) drop(el *list.Element) {
	e := l.recent.Remove(el).(*entry[V]) //nolint:forcetypeassert // the list holds nothing else
	if l.entries[e.id] == el {
		delete(l.entries, e.id)
	}
}

func (l *lookup[V]) fill(ctx context.Context, e *entry[V]) {
	e.err = errPanicked // until ask returns
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		e.until = time.Now().Add(l.life)
		if el := l.entries[e.id]; e.err != nil && el != nil && el.Value == any(e) {
			l.drop(el)
		}
		close(e.done)
	}()
	e.value, e.err = l.ask(ctx, e.id)
}

var (
	errPanicked = errors.New("the look-up did not end")
	errNotKnown = errors.New("nobody was asked")
)

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
