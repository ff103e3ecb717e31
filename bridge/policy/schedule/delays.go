package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// CorrectionQuiet is how long the text of a sent message must stay unchanged before it is
// sent to the agent as a correction.
const CorrectionQuiet = 15 * time.Second

// queuedAnswerAfter is how long an answer may stay queued before a note says so. The
// answer may be queued behind the very question that it answers.
const queuedAnswerAfter = 2 * time.Minute

// QueuedAnswerAt returns when a note has to say that the answer is still queued. It
// returns false if the message is not a queued answer.
func QueuedAnswerAt(m *bridge.MessageRecord) (time.Time, bool) {
	return m.Settled.Add(queuedAnswerAfter), m.AnswersQuestion && m.State == bridge.StateDone && m.End == "" && m.Status == agen.StatusQueued
}

// nearMissFor is how long the author of a near miss has to say whether it is meant as a
// command.
const nearMissFor = time.Minute

// NearMissOverAt returns when a near miss is sent to the agent without an answer of its
// author.
func NearMissOverAt(m *bridge.MessageRecord) time.Time { return m.Accepted.Add(nearMissFor) }

// SkipAfter is how long a question about missed messages stays open.
const SkipAfter = 24 * time.Hour

// SkippedAt returns when a question about missed messages is closed without an answer.
func SkippedAt(about []*bridge.MessageRecord) time.Time {
	var last time.Time
	for _, m := range about {
		if m.Accepted.After(last) {
			last = m.Accepted
		}
	}
	return last.Add(SkipAfter)
}

// The times after which a waiting message is shown as delayed, and after which the thread
// gets a note.
const (
	DelayedAfter = 10 * time.Second
	NotedAfter   = 2 * time.Minute
)

// DelayedAt returns when the message counts as delayed. The quiet time of a correction
// doesn't count.
func DelayedAt(m *bridge.MessageRecord) time.Time {
	if m.CorrectionOf != "" {
		return m.Accepted.Add(CorrectionQuiet + DelayedAfter)
	}
	return m.Accepted.Add(DelayedAfter)
}
