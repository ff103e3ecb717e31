package bridge

import (
	"testing"
	"time"
)

func TestATwinIsTheSameMessageAMomentLater(t *testing.T) {
	first := said(2, KindReply)
	for name, c := range map[string]struct {
		change func(m *Message)
		after  time.Duration
		want   bool
	}{
		"as app_mention":      {change: func(m *Message) { m.Kind = KindMention }, want: true},
		"a minute later":      {after: twinTime},
		"with other words":    {change: func(m *Message) { m.Digest++ }},
		"edited":              {change: func(m *Message) { m.Edited = ts(9) }},
		"in another thread":   {change: func(m *Message) { m.Thread += "1" }},
		"another message":     {change: func(m *Message) { m.TS = ts(3) }},
		"an aside by its own": {change: func(m *Message) { m.Aside = AsideMark }},
	} {
		var all twins
		all.add(first, epoch)
		again := first
		if c.change != nil {
			c.change(&again)
		}
		if got := all.know(again, epoch.Add(c.after)); got != c.want {
			t.Errorf("%s: known %t, want %t", name, got, c.want)
		}
	}
}

func TestTwinsAreBounded(t *testing.T) {
	var all twins
	for n := range 3 * maxTwins {
		all.add(said(n, KindReply), epoch)
		if len(all.took) > maxTwins || !all.know(said(n, KindReply), epoch) {
			t.Fatalf("%d remembered of %d", len(all.took), n+1)
		}
	}
}
