package schedule

import (
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// CorrectionQuiet is how long the words of a message that was sent already
// must have stayed the same before they go to the agent as a correction.
const CorrectionQuiet = 15 * time.Second

// stuckAfter is how long an answer may stand in the queue before people are
// told: it may stand there behind the very question.
const queuedAnswerAfter = 2 * time.Minute

// QueuedAnswerAt is when people are told that the answer is not getting through; false
// for what is none, or does.
func QueuedAnswerAt(m *bridge.MessageRecord) (time.Time, bool) {
	return m.Settled.Add(queuedAnswerAfter), m.AnswersQuestion && m.State == bridge.StateDone && m.End == "" && m.Status == agen.StatusQueued
}

// SkipAfter is how long a question about missed messages stands.
const SkipAfter = 24 * time.Hour

// SkippedAt is when a question about messages is closed unanswered.
func SkippedAt(about []*bridge.MessageRecord) time.Time {
	var last time.Time
	for _, m := range about {
		if m.Accepted.After(last) {
			last = m.Accepted
		}
	}
	return last.Add(SkipAfter)
}

// The times after which a message that waits is shown as delayed, and after
// which the thread gets a note.
const (
	DelayedAfter = 10 * time.Second
	NotedAfter   = 2 * time.Minute
)

// DelayedAt is when the message counts as delayed. Nobody waits for a
// correction before its quiet time is over.
func DelayedAt(m *bridge.MessageRecord) time.Time {
	if m.CorrectionOf != "" {
		return m.Accepted.Add(CorrectionQuiet + DelayedAfter)
	}
	return m.Accepted.Add(DelayedAfter)
}
