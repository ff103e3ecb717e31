package playground

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// board keeps the newest value of every part of the page.
type board struct {
	epoch string // distinguishes this board's change numbers from those of an earlier server

	mu      sync.Mutex
	number  int // of the last change
	parts   map[string]part
	changed chan struct{} // closed and replaced with every change
	viewers int
}

type part struct {
	number int // of the change that made the value
	value  json.RawMessage
}

// change is a part with its newest value, as the page gets it.
type change struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`

	number int
}

func newBoard() *board {
	return &board{epoch: rand.Text()[:8], parts: map[string]part{}, changed: make(chan struct{})}
}

// set replaces all parts. A part that is no longer there is forgotten without a change: viewers drop it by themselves.
func (b *board) set(all map[string]json.RawMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.number
	for key, value := range all {
		if old, ok := b.parts[key]; !ok || !bytes.Equal(old.value, value) {
			b.parts[key] = part{number: before + 1, value: value}
			b.number = before + 1
		}
	}
	for key := range b.parts {
		if _, ok := all[key]; !ok {
			delete(b.parts, key)
		}
	}
	if b.number != before {
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// since returns the changes after the one with that number, oldest first, the number to ask for next, and a channel
// that is closed with the next change.
func (b *board) since(number int) ([]change, int, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var news []change
	for key, p := range b.parts {
		if p.number > number {
			news = append(news, change{Key: key, Value: p.value, number: p.number})
		}
	}
	slices.SortFunc(news, func(x, y change) int {
		return cmp.Or(cmp.Compare(x.number, y.number), strings.Compare(x.Key, y.Key))
	})
	return news, b.number, b.changed
}

// id formats the number of a change for the page. resume is the reverse, and returns 0 for an id that this board can't
// continue from.
func (b *board) id(number int) string { return b.epoch + "." + strconv.Itoa(number) }

func (b *board) resume(id string) int {
	epoch, digits, _ := strings.Cut(id, ".")
	number, err := strconv.Atoi(digits)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || epoch != b.epoch || number < 0 || number > b.number {
		return 0
	}
	return number
}

// maxViewers bounds how many viewers are connected at a time.
const maxViewers = 20

// enter counts a viewer, or returns false if there are too many. leave is the reverse.
func (b *board) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.viewers >= maxViewers {
		return false
	}
	b.viewers++
	return true
}

func (b *board) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.viewers--
}
