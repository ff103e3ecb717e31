package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

func sweptMark(w *world) {
	check := func(want string) {
		w.Helper()
		if got, err := w.s.Swept(w.ctx()); err != nil || got != want {
			w.Errorf("mark: got %q, %v, want %q", got, err, want)
		}
	}
	set := func(mark string) {
		w.Helper()
		if err := w.s.SetSwept(w.ctx(), mark); err != nil {
			w.Fatalf("set the mark: %v", err)
		}
	}
	check("")
	set("1.000001")
	set("2.000002")
	check("2.000002")
	w.crash()
	check("2.000002")
}

func recentThreads(w *world) {
	check := func(within time.Duration, limit, more int, want ...bridge.ThreadKey) {
		w.Helper()
		got, left, err := w.s.Recent(w.ctx(), within, limit)
		if err != nil || left != more || !slices.Equal(got, want) {
			w.Errorf("changed within %v, %d at most: got %v and %d more, %v, want %v and %d", within, limit, got, left, err, want, more)
		}
	}
	check(time.Hour, 9, 0)
	for _, key := range []bridge.ThreadKey{"T/C/1", "T/C/10", "T/C/2"} {
		w.accept(key, nil, seq(addMessage("1.0", 0), addPost("note", 0), bind("s"+string(key))))
		w.clock.Advance(time.Minute)
	}
	w.accept("T/C/3", nil, seq(addMessage("1.0", 0), unbind)) // the bot doesn't take part in it
	check(time.Hour, 9, 0, "T/C/2", "T/C/10", "T/C/1")
	check(time.Hour, 2, 1, "T/C/2", "T/C/10")
	check(2*time.Minute, 9, 0, "T/C/2", "T/C/10")
	w.reopen()
	check(2*time.Minute, 9, 0, "T/C/2", "T/C/10")

	var many []bridge.ThreadKey
	w.clock.Advance(time.Hour)
	for i := range 250 {
		many = append(many, bridge.ThreadKey(fmt.Sprintf("T/C/9%03d", i)))
		w.accept(many[i], nil, seq(addMessage("1.0", 0), bind(fmt.Sprint("many", i))))
	}
	check(time.Minute, 300, 0, many...)
}

func eachThread(w *world) {
	for _, key := range []bridge.ThreadKey{"T/C/2", "T/C/1", "T/C/10"} {
		w.accept(key, nil, seq(addMessage("1.0", 0), addPost("note", 0), bind("s"+string(key))))
	}
	w.accept("T/C/3", nil, seq(addMessage("1.0", 0), unbind)) // the bot doesn't take part in it
	w.reopen()
	var got []string
	visit := func(key bridge.ThreadKey, t *bridge.Thread) error {
		got = append(got, string(key)+" "+t.Session.ID)
		return nil
	}
	if err := w.s.Each(w.ctx(), visit); err != nil {
		w.Errorf("each: %v", err)
	}
	if want := []string{"T/C/1 sT/C/1", "T/C/10 sT/C/10", "T/C/2 sT/C/2"}; !slices.Equal(got, want) {
		w.Errorf("each: got %q, want %q", got, want)
	}
	last := func(from, before, want bridge.ThreadKey) {
		w.Helper()
		key, t, err := w.s.Last(w.ctx(), from, before)
		if err != nil || key != want || want != "" && t.Session.ID != "s"+string(want) {
			w.Errorf("last from %q before %q: got %q (%q), %v, want %q", from, before, key, t.Session.ID, err, want)
		}
	}
	last("T/C/1", "T/C/9", "T/C/2")
	last("T/C/1", "T/C/2", "T/C/10")
	last("T/C/10", "T/C/10", "")
	last("T/C/3", "T/C/9", "")
	last("T/C/0", "T/C/1", "")
	last("T/A/0", "T/C/1\x7f", "T/C/10")
	enough := errors.New("enough")
	if err := w.s.Each(w.ctx(), func(bridge.ThreadKey, *bridge.Thread) error { return enough }); !errors.Is(err, enough) {
		w.Errorf("each: got %v, want what visit returned", err)
	}
}
