package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// TestOnlyWhatNobodyElseSawIsNew: a thread that began after a backup of the store may
// have a session, even if the backup is restored and the message redelivered right away.
func TestOnlyWhatNobodyElseSawIsNew(t *testing.T) {
	for name, c := range map[string]struct {
		age      time.Duration // between writing and acceptance
		restored time.Duration // after it was written; zero for never
		reply    bool
		swept    bool
		want     bool
	}{
		"it came at once":                           {age: time.Second, want: true},
		"it came late":                              {age: record.FreshFor},
		"a sweep found it":                          {age: time.Second, swept: true},
		"something stands above it":                 {age: time.Second, reply: true},
		"written before the copy was put back":      {age: 20 * time.Second, restored: 10 * time.Second},
		"written after the copy had been put back":  {age: time.Second, restored: -time.Hour, want: true},
		"written before, and it came late, as well": {age: time.Hour, restored: 30 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			m := &bridge.MessageRecord{Message: said(1, bridge.KindMention)}
			m.Root, m.Backfilled, m.Accepted = !c.reply, c.swept, record.WrittenAt(m).Add(c.age)
			at := bridge.Instant{Now: m.Accepted}
			if c.restored != 0 {
				at.Restored = record.WrittenAt(m).Add(c.restored)
			}
			if got := record.FirstOfThread(m, at); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}
