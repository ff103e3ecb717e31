package daemon

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestCheckGivesUpOnRemotesThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorldInMemory(t)
		cfg, err := Parse(w.environ)
		if err != nil {
			t.Fatal(err)
		}
		slack := w.slack.Inject(slacktest.Fault{Kind: slacktest.Hang, Count: -1})
		hang := agentest.Hang("")
		hang.Times = -1
		agen := w.agen.AddFault(hang)
		began := time.Now()
		findings, err := Check(t.Context(), cfg, w.opts)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > checkTimeout {
			t.Errorf("it took %v, the limit is %v", took, checkTimeout)
		}
		for _, about := range []string{"bot token", "app token", "Agen key"} {
			i := slices.IndexFunc(findings, func(f Finding) bool { return strings.HasPrefix(f.What, about) })
			if i < 0 || findings[i].Mark != MarkError || findings[i].Do == "" {
				t.Errorf("no finding about %s that says what to do: %v", about, findings)
			}
		}
		slack.Release()
		agen.Release()
	})
}
