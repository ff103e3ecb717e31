package policy

import (
	"testing"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
	"github.com/google/go-cmp/cmp"
)

// version returns a version of a message with the given number of parts, of which the given
// number are previews. The other parts affect its digest.
func version(n int, kind bridge.Kind, parts, previews int) bridge.Message {
	m := said(n, kind)
	m.Parts, m.Previews, m.Digest = parts, previews, m.Digest*100+uint64(parts-previews)
	m.Body = []byte{'0' + byte(parts)}
	return m
}

// TestTheFullerTellingIsTakenInAnyOrder: app_mention and message are events for the same
// message, and either of them may have less content.
func TestTheFullerTellingIsTakenInAnyOrder(t *testing.T) {
	poor, rich := version(2, bridge.KindMention, 0, 0), version(2, bridge.KindMention, 2, 0)
	for name, tellings := range map[string][]bridge.Message{
		"the poorer first": {poor, rich, poor}, "the richer first": {rich, poor, rich},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, m := range tellings {
				w.hear(m)
			}
			if m := w.row(ts(2)); string(m.Body) != "2" || m.Digest != rich.Digest || len(w.rows.Messages) != 1 {
				t.Errorf("of %d rows the first says %s", len(w.rows.Messages), m.Body)
			}
		})
	}
}

func TestAFullerTellingFollowsAsACorrectionAtOnce(t *testing.T) {
	w := bound(t)
	w.hear(version(2, bridge.KindReply, 0, 0))
	w.sent(ts(2))
	if got := w.hear(version(2, bridge.KindReply, 1, 0)); !got.New {
		t.Errorf("it is ignored: %+v", got)
	}
	first := ts(2) + ":" + ts(4)
	w.wantNext(bridge.ToAgen, bridge.StepSend, first)
	w.sent(first)
	if got := w.hear(version(2, bridge.KindReply, 0, 0)); got.Ignored != bridge.IgnoredKnown {
		t.Errorf("the poorer telling comes again: %+v", got)
	}
	w.hear(version(2, bridge.KindReply, 3, 0)) // and one with still more content
	w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2)+":"+ts(6))
}

// TestAnEmptyMentionThatHasAFileIsATask: without the file, the event looks like the
// command help.
func TestAnEmptyMentionThatHasAFileIsATask(t *testing.T) {
	w := newWorld(t)
	empty := version(2, bridge.KindMention, 0, 0)
	empty.Command = bridge.CommandHelp
	w.hear(empty)
	w.row(ts(2)).State, w.row(ts(2)).End = bridge.StateDone, bridge.EndAnswered
	w.hear(version(2, bridge.KindMention, 1, 0))
	w.wantState(ts(2), bridge.StateReady)
	if w.rows.Thread.Unbound() {
		t.Error("it starts no thread")
	}
}

func TestAMessageWaitsForThePreviewOfWhatItLinksTo(t *testing.T) {
	link := version(2, bridge.KindReply, 0, 0)
	link.AwaitsPreview = true
	for name, c := range map[string]struct {
		preview bool
		wait    time.Duration
	}{"it comes": {true, 0}, "none comes": {false, 3 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			w := bound(t)
			w.hear(link)
			w.hear(version(3, bridge.KindReply, 0, 0)) // nothing overtakes it
			w.wantNext(bridge.ToAgen, bridge.StepAuthorize, ts(3))
			w.row(ts(3)).Authorized = true
			if c.preview {
				w.hear(version(2, bridge.KindReply, 1, 1))
			}
			w.pass(c.wait)
			w.wantNext(bridge.ToAgen, bridge.StepSend, ts(2))
		})
	}
}

func TestALatePreviewGoesAlongWithTheNextMessage(t *testing.T) {
	w := bound(t)
	w.hear(version(2, bridge.KindReply, 0, 0))
	w.sent(ts(2))
	w.hear(version(2, bridge.KindReply, 1, 1))
	w.wantNext(bridge.ToAgen, "", "") // it is not a turn of its own
	w.hear(version(3, bridge.KindReply, 0, 0))
	framing := PromptContext(w.rows, w.row(ts(3)))
	if diff := cmp.Diff([]string{ts(2)}, framing.Previews); diff != "" {
		t.Error(diff)
	}
	w.do(w.policy.Begin(ts(3), w.row(ts(3)).Rev, framing, bridge.Prompt{}))
	w.hear(version(3, bridge.KindReply, 1, 1)) // another one, while the first is in flight
	w.do(w.policy.Sent(ts(3), timeline.Entry{EventID: "e3", ClientID: ts(3), Status: "queued"}))
	if diff := cmp.Diff([]string{ts(3)}, w.rows.Thread.LatePreviews); diff != "" {
		t.Error(diff)
	}
	w.hear(version(2, bridge.KindReply, 1, 1))
	if diff := cmp.Diff([]string{ts(3)}, w.rows.Thread.LatePreviews); diff != "" {
		t.Errorf("a preview that went along comes again: %s", diff)
	}
}

// TestWhatIsAddedToAForgottenMessageStartsNothing: a preview can arrive long after the
// record of the delivered message was pruned.
func TestWhatIsAddedToAForgottenMessageStartsNothing(t *testing.T) {
	m := version(2, bridge.KindMention, 1, 1)
	m.Supplement = true
	w := newWorld(t)
	w.at.Now = bridge.TSTime(m.TS).Add(2 * time.Hour)
	if got := w.hear(m); got.Ignored != bridge.IgnoredUnknown {
		t.Errorf("got %+v", got)
	}
	w = newWorld(t)
	w.at.Now = bridge.TSTime(m.TS).Add(time.Second)
	if got := w.hear(m); !got.New { // the message itself is still being delivered
		t.Errorf("got %+v", got)
	}
}

// TestAFirstMessageThatIsTooLongGoesAgainWithTheRootOnly: it is sent again once, and the
// card says so.
func TestAFirstMessageThatIsTooLongGoesAgainWithTheRootOnly(t *testing.T) {
	tooLong := &bridge.Fault{Class: bridge.ClassRejected, TooLong: true}
	for name, c := range map[string]struct {
		earlier int
		err     error
		again   bool
	}{
		"it has background": {12, tooLong, true}, "it has none": {0, tooLong, false},
		"it is refused for something else": {12, &bridge.Fault{Class: bridge.ClassRejected}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.hear(said(1, bridge.KindMention))
			w.do(w.policy.Opened(ts(1), "s1"))
			w.do(w.policy.Begin(ts(1), w.row(ts(1)).Rev, PromptContext(w.rows, w.row(ts(1))), bridge.Prompt{Earlier: c.earlier, LeftOut: 3}))
			w.do(w.policy.SendFailed(ts(1), c.err))
			if !c.again {
				w.wantState(ts(1), bridge.StateDead)
				return
			}
			w.wantNext(bridge.ToAgen, bridge.StepSend, ts(1))
			framing := PromptContext(w.rows, w.row(ts(1)))
			if !framing.RootOnly || !framing.NewSession {
				t.Errorf("it is composed with %+v", framing)
			}
			w.do(w.policy.Begin(ts(1), w.row(ts(1)).Rev, framing, bridge.Prompt{Earlier: 1, LeftOut: 14}))
			if c := w.rows.Thread.Session.Card; c.Earlier != 1 || c.LeftOut != 14 || !c.RootOnly {
				t.Errorf("the card says %+v", c)
			}
			w.do(w.policy.SendFailed(ts(1), c.err))
			w.wantState(ts(1), bridge.StateDead)
		})
	}
}
