package notes

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// delayed tells of an outage, and of whose it is.
func (r Renderer) delayed(n *bridge.Note) string {
	if n.Remote == bridge.ToSlack {
		return fmt.Sprintf("🔌 Slack isn't letting me read this thread right now. %s in this thread %s waiting. %s safe, and I'll send %s as soon as Slack lets me. I'll keep trying until %s.",
			counted(n.Count), plural(n.Count, "is", "are"), plural(n.Count, "It's", "They're"), plural(n.Count, "it", "them in order"), dayClock(n.Until))
	}
	return fmt.Sprintf("🔌 I can't reach Agen. %s in this thread %s waiting. %s safe and %s out by %s as soon as Agen answers; I keep trying until %s.",
		counted(n.Count), plural(n.Count, "is", "are"), plural(n.Count, "It is", "They are"),
		plural(n.Count, "goes", "go"), plural(n.Count, "itself", "themselves, in order,"), dayClock(n.Until))
}

// missed asks whether messages that nobody heard are still wanted. It mentions one
// person only, so the others are told by their times.
func (r Renderer) missed(n *bridge.Note) string {
	if len(n.Messages) == 0 {
		return ""
	}
	first, last := dayClock(written(n.Messages[0])), dayClock(written(n.Messages[len(n.Messages)-1]))
	which := "a message in this thread, written " + first
	if len(n.Messages) > 1 {
		which = fmt.Sprintf("%s in this thread, written from %s to %s", counted(len(n.Messages)), first, last)
	}
	return fmt.Sprintf("%s, I missed %s. The agent has not seen %s. Should it? What you write from now on goes out at once either way.",
		person(n.Person), which, plural(len(n.Messages), "it", "them"))
}

// failed tells of messages that did not reach the agent. Each author is mentioned
// once.
func (r Renderer) failed(n *bridge.Note) string {
	var b strings.Builder
	b.WriteString("⚠️ " + whose(n.Messages))
	if n.Unsure {
		b.WriteString(" may or may not have reached the agent, and I can't tell which.")
	} else {
		b.WriteString(" did not reach the agent.")
	}
	if why := reason(n); why != "" {
		b.WriteString(" " + why)
	}
	if n.Hold == bridge.HoldNoRoute {
		b.WriteString(" Try again when it is, or begin a new thread.")
	} else {
		fmt.Fprintf(&b, " Later messages in this thread went on without %s.", plural(len(n.Messages), "it", "them"))
	}
	if r.Contact != "" { // trace takes the reference
		fmt.Fprintf(&b, "\nIf it keeps failing: %s, reference `%s %s`", r.Contact, r.Thread, n.Reference)
	}
	return b.String()
}

// reason says why, in Agen's words where there are some.
func reason(n *bridge.Note) string {
	switch {
	case n.Class == bridge.ClassTemporary && n.Remote == bridge.ToSlack:
		return "Slack didn't let me read what belongs to it for too long."
	case n.Class == bridge.ClassTemporary:
		return "Agen could not be reached for too long."
	case n.Class == bridge.ClassForbidden && n.Reason == "":
		return "Agen doesn't allow it in this session."
	case n.Class == bridge.ClassNotFound:
		return "Its session could not be opened."
	case n.Hold == bridge.HoldNoRoute:
		return "This thread belongs to an Agen workspace that isn't set up here any more."
	case n.Class == bridge.ClassPanic:
		return "That is a mistake in me and not Agen's; it is in my log."
	case n.Reason != "":
		return "Agen said: “" + escape(n.Reason) + "”."
	case n.Class == bridge.ClassRejected:
		return "Agen refused it."
	default:
		return ""
	}
}

// whose names authors and times, in the order of the messages.
func whose(messages []bridge.NoteMessage) string {
	if len(messages) == 1 {
		return fmt.Sprintf("%s, your message from %s", person(messages[0].Author), clock(written(messages[0])))
	}
	parts := make([]string, 0, len(messages))
	for _, m := range messages {
		parts = append(parts, fmt.Sprintf("%s’s from %s", person(m.Author), clock(written(m))))
	}
	return fmt.Sprintf("%s (%s)", counted(len(messages)), strings.Join(parts, ", "))
}

// closed tells of messages whose session is closed.
func (r Renderer) closed(n *bridge.Note) string {
	was := whose(n.Messages) + " were"
	if len(n.Messages) == 1 {
		was = "your message from " + clock(written(n.Messages[0])) + " was"
	}
	why := "is closed"
	if n.Moved {
		why = "went on in another thread"
	}
	return fmt.Sprintf("This session %s, so %s not sent to the agent. "+
		"A new session in this thread starts with what was said here as background.", why, was)
}

// stop tells that nothing stops an agent from here. What is held stands in a
// second line.
func (r Renderer) stop(n *bridge.Note) string {
	text := "No agent is at work for this thread."
	if n.Passed {
		where := "Stop it in the Agen app."
		if link := r.sessionLink(n); link != "" {
			where = linked(link, "Open session") + " to stop it there."
		}
		text = "I can't stop a running agent from Slack; Agen has no call for that. " + where + " I passed your “stop” on."
	}
	if n.Count > 0 {
		text += fmt.Sprintf("\nI'm holding %s that %s not sent yet.", counted(n.Count), plural(n.Count, "was", "were"))
	}
	return text
}

// unreadFiles names the files that the agent can't open.
func (r Renderer) unreadFiles(n *bridge.Note) string {
	return fmt.Sprintf("The agent got your message but can't open %s: %s. Paste what matters as text.",
		plural(len(n.Files), "this file", "these files"), fileNames(n.Files))
}

// unreadableFiles names the files that Slack did not let us read.
func (r Renderer) unreadableFiles(n *bridge.Note) string {
	return fmt.Sprintf("The agent got your message without %s: Slack wouldn't let me read %s.", fileNames(n.Files), plural(len(n.Files), "it", "them"))
}

func fileNames(files []string) string {
	quoted := make([]string, 0, len(files))
	for _, name := range files {
		quoted = append(quoted, "“"+escape(name)+"”")
	}
	return strings.Join(quoted, ", ")
}

// unshown tells that what the agent said is nowhere in Slack.
func (r Renderer) unshown(n *bridge.Note) string {
	return "⚠️ The agent answered, but Slack won't let me post here." + r.linkIn(n, "Read it in Agen")
}

// threadDeleted tells that the thread is gone, and where its session goes on.
func (r Renderer) threadDeleted(n *bridge.Note) string {
	return "This thread was deleted, so I stopped posting here. The session keeps running in Agen." + r.linkIn(n, "View session")
}

// linkIn is a link to the note's session, to stand behind a sentence.
func (r Renderer) linkIn(n *bridge.Note, label string) string {
	if link := r.sessionLink(n); link != "" {
		return " " + linked(link, label)
	}
	return ""
}
