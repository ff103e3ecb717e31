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
	epoch string // tells this board's change numbers from those of a server before

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

// change is one part as it is sent.
type change struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`

	number int
}

func newBoard() *board {
	return &board{epoch: rand.Text()[:8], parts: map[string]part{}, changed: make(chan struct{})}
}

// set takes all parts as they are now. One that is no longer there is forgotten: those who have it drop it by
// themselves.
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

// since returns what is newer than the change with that number, older changes first, the number to ask for next, and
// a channel that is closed with the next change.
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

// id names a change over the wire; resume is its reverse, and 0 for what this board can't continue.
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

// maxViewers bounds how many watch at a time.
const maxViewers = 20

// enter counts a viewer in; false when there are too many. leave counts it out.
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
