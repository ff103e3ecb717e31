package notes

import (
	"fmt"

	"github.com/agenbridge/agenbridge/bridge"
)

// outcome tells how a note ended.
func outcome(n *bridge.Note) string {
	o := n.Outcome
	by, at := person(o.By), clock(o.At)
	switch o.How {
	case bridge.EndingRetried:
		return fmt.Sprintf("%s had %s sent again, %s. The reaction tells how it stands.",
			by, plural(o.Count, "the message", fmt.Sprintf("the %d messages", o.Count)), at)
	case bridge.EndingDismissed:
		return fmt.Sprintf("Not sent: %s left it at that, %s.", by, at)
	case bridge.EndingDropped:
		return fmt.Sprintf("%s decided not to send %s, %s. The agent has not seen %s.", by, waiting(o.Count), at, plural(o.Count, "it", "them"))
	case bridge.EndingRestarted:
		return fmt.Sprintf("%s started a new session with %s, %s.", by, waiting(o.Count), at)
	case bridge.EndingSent:
		return fmt.Sprintf("%s sent late by %s, %s.", plural(o.Count, "The message was", fmt.Sprintf("The %d messages were", o.Count)), by, at)
	case bridge.EndingSkipped:
		return fmt.Sprintf("Skipped by %s, %s: %s not sent.", by, at, were(o.Count))
	case bridge.EndingExpired:
		return "Nobody decided for 24 hours, so " + were(o.Count) + " not sent."
	case bridge.EndingReachable:
		return reachable(n.Remote, o)
	case bridge.EndingAnswered:
		return asked(n) + "\n" + answered(o)
	case bridge.EndingSessionOver:
		return asked(n) + "\nThe session ended before this was answered."
	case bridge.EndingReceived:
		return "The agent has the answer now."
	case bridge.EndingWithdrawn:
		return "The messages this was about have been taken back or decided on."
	default:
		return ""
	}
}

func waiting(n int) string {
	return plural(n, "the waiting message", fmt.Sprintf("the %d waiting messages", n))
}

func were(n int) string {
	return plural(n, "the message was", fmt.Sprintf("the %d messages were", n))
}

// reachable tells that an outage is over, and whose it was.
func reachable(remote bridge.Remote, o *bridge.NoteOutcome) string {
	out := fmt.Sprintf("Agen was out of reach from %s to %s. ", clock(o.Since), clock(o.At))
	if remote == bridge.ToSlack {
		out = fmt.Sprintf("Slack didn't let me read this thread from %s to %s. ", clock(o.Since), clock(o.At))
	}
	switch {
	case o.Count == 0:
		return out + "No message is waiting any more."
	case o.Sent == o.Count && o.Count == 1:
		return out + "The waiting message has been sent."
	case o.Sent == o.Count:
		return out + fmt.Sprintf("All %d waiting messages have been sent, in order.", o.Count)
	default:
		return out + fmt.Sprintf("%d of %d waiting messages have been sent.", o.Sent, o.Count)
	}
}

// answered tells who answered what.
func answered(o *bridge.NoteOutcome) string {
	answer, at := "*"+escape(o.Answer)+"*", clock(o.At)
	switch {
	case o.By == "" && o.Answer == "":
		return "Answered in the Agen app, " + at + "."
	case o.By == "":
		return "Answered in the Agen app: " + answer + ", " + at
	case o.Answer == "":
		return person(o.By) + " answered in the thread, " + at
	default:
		return person(o.By) + ": " + answer + ", " + at
	}
}
