package notes

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// outcome renders a note that has ended.
func (r Renderer) outcome(n *bridge.Note) string {
	o := n.Outcome
	by, at := r.name(o.By), clock(o.At)
	switch o.How {
	case bridge.EndingRetried:
		return fmt.Sprintf("%s retried %s. %s the status.",
			by, plural(o.Count, "this message", fmt.Sprintf("these %d messages", o.Count)), plural(o.Count, "Its reaction shows", "Their reactions show"))
	case bridge.EndingDismissed:
		return "Dismissed by " + by + ". The message was not sent."
	case bridge.EndingDropped:
		return fmt.Sprintf("%s dropped %s, %s. The agent won't see %s.", by, waiting(o.Count), at, plural(o.Count, "it", "them"))
	case bridge.EndingRestarted:
		return fmt.Sprintf("%s started a new session with %s, %s.", by, plural(o.Count, "it", "them"), at)
	case bridge.EndingSent, bridge.EndingSkipped, bridge.EndingExpired:
		return decided(n, by, at)
	case bridge.EndingReachable:
		return reachable(n.Remote, o)
	case bridge.EndingAnswered:
		return onLine(asked(n), r.answered(o))
	case bridge.EndingMoved:
		return onLine(asked(n), "Not answered here: this thread moved to a new session."+r.linkIn(n, "Answer it in Agen"))
	case bridge.EndingSessionOver:
		if n.Kind == bridge.NoteTooLate {
			return "This thread has left that session, so I can't tell the agent anymore."
		}
		return onLine(asked(n), "The session ended before this was answered.")
	case bridge.EndingIgnored:
		return "I told the agent to ignore it."
	case bridge.EndingReceived:
		return "The agent has the answer now."
	case bridge.EndingWithdrawn:
		return "This has been settled: the messages were withdrawn or sent."
	default:
		return ""
	}
}

// decided says what was decided about messages that were missed or are on hold.
func decided(n *bridge.Note, by, at string) string {
	stopped := n.Kind == bridge.NoteStop
	switch o := n.Outcome; {
	case o.How == bridge.EndingSent && stopped:
		return "Sent by " + by + ", " + at + "."
	case o.How == bridge.EndingSent:
		return "Sent late by " + by + ", " + at + "."
	case o.How == bridge.EndingSkipped && stopped:
		return "Dropped by " + by + ", " + at + ". The agent won't see " + plural(o.Count, "it", "them") + "."
	case o.How == bridge.EndingSkipped:
		return "Skipped by " + by + ", " + at + "."
	case stopped:
		return "Nobody decided within 24 hours, so " + plural(o.Count, "it wasn't", "they weren't") + " sent."
	default:
		return "Nobody decided within 24 hours, so " + plural(o.Count, "the message was", fmt.Sprintf("the %d messages were", o.Count)) + " not sent."
	}
}

func waiting(n int) string { return plural(n, "the waiting message", "the waiting messages") }

// onLine appends words to a question, on a new line if the question has several
// lines.
func onLine(asked, words string) string {
	if strings.Contains(asked, "\n") {
		return asked + "\n" + words
	}
	return asked + " " + words
}

// reachable says that an outage is over, and which system had it.
func reachable(remote bridge.Remote, o *bridge.NoteOutcome) string {
	out := fmt.Sprintf("Agen was unreachable from %s to %s. ", clock(o.Since), clock(o.At))
	if remote == bridge.ToSlack {
		out = fmt.Sprintf("Slack didn't let me read this thread from %s to %s. ", clock(o.Since), clock(o.At))
	}
	switch {
	case o.Count == 0:
		return out + "Nothing is waiting anymore."
	case o.Sent != o.Count:
		return out + fmt.Sprintf("%d of %d waiting messages have been sent.", o.Sent, o.Count)
	case o.Count == 1:
		return out + "The waiting message has been sent."
	case o.Count == 2:
		return out + "Both waiting messages have been sent, in order."
	default:
		return out + fmt.Sprintf("All %d waiting messages have been sent, in order.", o.Count)
	}
}

// answered says who gave which answer.
func (r Renderer) answered(o *bridge.NoteOutcome) string {
	answer, at := "*"+escape(o.Answer)+"*", clock(o.At)
	switch {
	case o.By == "" && o.Answer == "":
		return "Answered in the Agen app, " + at + "."
	case o.By == "":
		return "Answered in the Agen app: " + answer + ", " + at
	case o.Answer == "":
		return r.name(o.By) + " answered in the thread, " + at
	default:
		return r.name(o.By) + ": " + answer + ", " + at
	}
}
