package store

import (
	"sync"

	"github.com/agenbridge/agenbridge/bridge"
)

// recallBytes bounds what a recall holds: twice as much, in encoded records.
const recallBytes = 256 << 10

// recall remembers what records decode to. All rows of a thread are read for
// every decision about it, and few of them have changed since the last one:
// without it decoding is a third of the processor time under load.
//
// It goes by what the record says and not by where it is kept, so there is
// nothing in it that could be out of date: the same bytes are the same row.
// What is remembered is never handed out, only copies of it; what a row points
// to is shared by them, for decisions replace that and never change it (see
// bridge.Rows.Clone).
type recall[T any] struct {
	mu sync.Mutex
	// fresh are the rows that were asked for lately, and stale those before
	// them. What is in neither is forgotten.
	fresh, stale map[string]T
	bytes        int // of the records in fresh
}

// recalls are what a store remembers of its records.
type recalls struct {
	messages recall[bridge.MessageRow]
	posts    recall[bridge.PostRow]
	threads  recall[threadRecord]
}

func (r *recalls) forget() {
	r.messages.forget()
	r.posts.forget()
	r.threads.forget()
}

// get puts a copy of what the record decodes to into row; false when that is
// not remembered.
func (r *recall[T]) get(record []byte, row *T) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.fresh[string(record)]
	if !ok {
		if known, ok = r.stale[string(record)]; !ok {
			return false
		}
		r.keep(string(record), known)
	}
	*row = known
	return true
}

// put remembers a row that was just decoded.
func (r *recall[T]) put(record []byte, row T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep(string(record), row)
}

func (r *recall[T]) keep(record string, row T) {
	if r.fresh == nil || r.bytes+len(record) > recallBytes {
		r.fresh, r.stale, r.bytes = map[string]T{}, r.fresh, 0
	}
	r.fresh[record] = row
	r.bytes += len(record)
}

// forget drops everything. The store does it once a minute: what people said
// is not to stay in memory either.
func (r *recall[T]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh, r.stale, r.bytes = nil, nil, 0
}
