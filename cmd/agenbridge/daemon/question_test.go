package daemon_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

func TestOddQuestionsAreShownAndCanBeAnswered(t *testing.T) {
	many := make([]any, 130)
	for i := range many {
		many[i] = fmt.Sprintf("option %d", i+1)
	}
	long := strings.Repeat("a long answer ", 10)
	option := func(label, value string) any { return map[string]any{"label": label, "value": value} }
	for name, c := range map[string]struct {
		payload             map[string]any
		shows, click, agent string
	}{
		"blank options":    {map[string]any{"question": "Which?", "options": []any{" ", "\u200b", option("\u00a0", "the second"), "first"}}, "the second", "choose:0", "the second"},
		"only blank ones":  {map[string]any{"question": "Which?", "options": []any{" ", option(" ", "")}}, "Reply in your own words.", "", ""},
		"doubled options":  {map[string]any{"question": "Which?", "options": []any{option("yes", "y1"), option("yes", "y1"), option("yes", "y2")}}, "yes (y2)", "choose:1", "y2"},
		"overlong options": {map[string]any{"question": "Which?", "options": []any{long + "1", long + "2"}}, "2. " + strings.TrimSpace(long) + " 2", "choose:1", long + "2"},
		"too many options": {map[string]any{"question": "Which?", "options": many}, "… and 30 more, in the Agen app", "choose:99", "option 100"},
		"a blank question": {map[string]any{"question": " ", "options": []any{"go on"}}, "How should I go on?", "choose:0", "go on"},
		"nothing at all":   {map[string]any{}, "How should I go on?", "", ""},
		"an endless text":  {map[string]any{"question": strings.Repeat("word ", 9000), "options": []any{"go on"}}, "(all of it is in the Agen app)", "choose:0", "go on"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
				root, session := working(w)
				w.tell(session, agentest.Event(agen.EventAgentAskUser, c.payload))
				asked := w.note(root, "the agent asks")
				if whole := asked.Text + string(asked.Blocks); !strings.Contains(whole, c.shows) || len(asked.Blocks) == 0 {
					t.Errorf("it is shown as %s\n%s", asked.Text, asked.Blocks)
				}
				w.slack.WaitFor("the sign of a question", func() bool {
					return slices.Contains(w.slack.Reactions(w.dev.ID, root), "raising_hand")
				})
				if c.click == "" {
					return
				}
				w.slack.Click(w.bob.ID, w.dev.ID, asked.TS, c.click)
				w.until("the answer is there", func() bool { return len(w.agen.Messages(session)) == 2 })
				if got := w.message(session, w.received(session)[1]); !strings.Contains(got, c.agent) {
					t.Errorf("the agent got %q, want %q", got, c.agent)
				}
			})
		})
	}
}

// Slack rejects the blocks of a note for any reason, so the note is posted as plain
// text. If Slack rejects that as well, the message gets the reaction for a failure.
func TestANoteWhoseBlocksAreRefusedIsText(t *testing.T) {
	for name, everything := range map[string]bool{"the blocks": false, "everything": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, plan{agen: manual()}, func(t *testing.T, w *town) {
				root, session := answering(w)
				w.slack.Inject(slacktest.Fault{Kind: slacktest.ErrorAnswer, Method: "chat.postMessage", Error: "invalid_blocks", Count: -1, Match: func(r slacktest.Request) bool {
					return everything || r.Args["blocks"] != ""
				}})
				w.tell(session, agentest.Event(agen.EventAgentAskUser, map[string]any{"question": "Keep it?", "options": []any{"yes & no", "no"}}))
				if everything {
					w.slack.WaitFor("a sign", func() bool {
						return strings.Contains(strings.Join(w.slack.Reactions(w.dev.ID, root), " "), "warning")
					})
					return
				}
				if asked := w.note(root, "the agent asks"); !strings.Contains(asked.Text, "• yes &amp; no\n• no") || len(asked.Blocks) > 0 {
					t.Errorf("it is shown as %s %s", asked.Text, asked.Blocks)
				}
				reply := w.reply(w.bob, root, "no")
				w.shows(reply, "eyes")
				w.wantReceived(root, reply)
			})
		})
	}
}
