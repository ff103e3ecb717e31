package notes

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// delayed reports an outage, and names the system that has it.
func (r Renderer) delayed(n *bridge.Note) string {
	what, back := "🔌 Agen can't be reached right now.", "Agen is back"
	if n.Remote == bridge.ToSlack {
		what, back = "🔌 Slack isn't letting me read this thread right now.", "Slack lets me"
	}
	return fmt.Sprintf("%s %s in this thread %s waiting. %s safe, and I'll send %s as soon as %s. I'll keep trying until %s.", what,
		counted(n.Count), plural(n.Count, "is", "are"), plural(n.Count, "It's", "They're"), plural(n.Count, "it", "them in order"), back, dayClock(n.Until))
}

// missed asks whether messages that the bridge missed should still be sent.
func (r Renderer) missed(n *bridge.Note) string {
	if len(n.Messages) == 0 {
		return ""
	}
	return fmt.Sprintf("%s, I missed %s in this thread: %s. Should I send %s to the agent? Anything you write now goes through either way.",
		person(n.Person), counted(len(n.Messages)), r.references(n.Messages), plural(len(n.Messages), "it", "them"))
}

// maxReferences bounds how many messages a note lists.
const maxReferences = 10

// references lists messages by time and author, with links to them.
func (r Renderer) references(messages []bridge.NoteMessage) string {
	var parts []string
	for _, m := range messages[:min(len(messages), maxReferences)] {
		link := ""
		if r.MessageLink != nil {
			link = r.MessageLink(m.TS)
		}
		parts = append(parts, linkedTime(written(m), link)+" "+r.name(m.Author))
	}
	list := strings.Join(parts, ", ")
	if more := len(messages) - maxReferences; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// failed reports messages that could not be delivered. It mentions each author
// once.
func (r Renderer) failed(n *bridge.Note) string {
	if n.Unsure {
		return "⚠️ " + r.unsure(n) + r.reference(n)
	}
	text := "⚠️ " + whose(n.Messages, "wasn't delivered", "weren't delivered") + "."
	if why := reason(n); why != "" {
		text += " " + why
	}
	if n.Hold != bridge.HoldNoRoute {
		text += fmt.Sprintf(" Later messages were sent without %s.", plural(len(n.Messages), "it", "them"))
	}
	return text + r.reference(n)
}

// unsure reports messages that may have reached the agent.
func (r Renderer) unsure(n *bridge.Note) string {
	text := whose(n.Messages, "may or may not have reached the agent", "may or may not have reached the agent") + "."
	if len(n.Messages) == 1 {
		m := n.Messages[0]
		text = person(m.Author) + ", I can't tell whether your message from " + clock(written(m)) + " reached the agent."
	}
	where := "the Agen app"
	if link := r.sessionLink(n); link != "" {
		where = linked(link, "View session")
	}
	if why := reason(n); why != "" {
		text += " " + why
	}
	return text + " Check " + where + " before you try again."
}

// reference says whom to ask, and which reference to give. The command trace
// accepts the reference.
func (r Renderer) reference(n *bridge.Note) string {
	if r.Contact == "" {
		return ""
	}
	return fmt.Sprintf("\nStill failing? Ask %s and include this reference: `%s %s`", r.Contact, r.Thread, n.Reference)
}

// reason says why a message was not delivered, in Agen's words if there are any.
func reason(n *bridge.Note) string {
	switch {
	case n.Class == bridge.ClassTemporary && n.Remote == bridge.ToSlack:
		return "Slack didn't let me read what belongs to it" + lasting(n.For) + "."
	case n.Class == bridge.ClassTemporary:
		return "Agen couldn't be reached" + lasting(n.For) + "."
	case n.Class == bridge.ClassForbidden && n.Reason == "":
		return "Agen doesn't allow it in this session."
	case n.Class == bridge.ClassNotFound:
		return "The session couldn't be opened."
	case n.Hold == bridge.HoldNoRoute:
		return "This thread's Agen workspace isn't set up anymore."
	case n.Class == bridge.ClassPanic:
		return "That's a bug in this app; it's in the log."
	case n.Reason != "":
		return "Agen said: “" + escape(n.Reason) + "”."
	case n.Class == bridge.ClassRejected:
		return "Agen refused it."
	default:
		return ""
	}
}

// lasting formats a number of hours, in days if it is a whole number of days.
func lasting(hours int) string {
	switch {
	case hours <= 0:
		return " for too long"
	case hours%24 == 0:
		return fmt.Sprintf(" for %d %s", hours/24, plural(hours/24, "day", "days"))
	default:
		return fmt.Sprintf(" for %d %s", hours, plural(hours, "hour", "hours"))
	}
}

// whose lists the authors and times of messages, in order, and adds what happened
// to one or to many.
func whose(messages []bridge.NoteMessage, one, many string) string {
	if len(messages) == 1 {
		return fmt.Sprintf("%s, your message from %s %s", person(messages[0].Author), clock(written(messages[0])), one)
	}
	parts := make([]string, 0, len(messages))
	for _, m := range messages {
		parts = append(parts, fmt.Sprintf("%s’s from %s", person(m.Author), clock(written(m))))
	}
	return fmt.Sprintf("%s (%s) %s", counted(len(messages)), strings.Join(parts, ", "), many)
}

// closed reports messages whose session is closed.
func (r Renderer) closed(n *bridge.Note) string {
	why := "this session is closed"
	if n.Moved {
		why = "this session continues in another thread"
	}
	if len(n.Messages) == 1 {
		m := n.Messages[0]
		why = fmt.Sprintf("%s, %s, so your message from %s wasn't sent.", person(m.Author), why, clock(written(m)))
	} else {
		why = strings.ToUpper(why[:1]) + why[1:] + ", so " + whose(n.Messages, "", "weren't sent") + "."
	}
	return why + " A new session can pick up from here, with this thread as background."
}

// stop explains that an agent can't be stopped from Slack. A second line lists the
// messages on hold.
func (r Renderer) stop(n *bridge.Note) string {
	text := "The agent isn't working on anything in this thread."
	if n.Passed {
		word := cmp.Or(n.Word, bridge.CommandStop)
		text = "I can't stop a running agent from Slack. I passed on your “" + word + "”, but the agent may not read it until its current run ends. To stop it now"
		if link := r.sessionLink(n); link != "" {
			text += ": " + linked(link, "View session") + "."
		} else {
			text += ", open the Agen app."
		}
	}
	switch {
	case len(n.Messages) > 0:
		text += "\nOn hold, not sent: " + r.references(n.Messages) + "."
	case n.Count > 0: // written by the former release
		text += "\nOn hold, not sent: " + counted(n.Count) + "."
	}
	return text
}

// unreadFiles names the files that the agent can't open.
func (r Renderer) unreadFiles(n *bridge.Note) string {
	return fmt.Sprintf("The agent got your message but can't open %s: %s. Paste what matters as text.",
		plural(len(n.Files), "this file", "these files"), fileNames(n.Files))
}

// unreadableFiles names the files that Slack did not let the bridge read.
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

// unshown says that Slack accepts no post, so the agent's answer is not shown.
func (r Renderer) unshown(n *bridge.Note) string {
	return "⚠️ The agent answered, but Slack won't let me post here." + r.linkIn(n, "Read it in Agen")
}

// threadDeleted says that the thread was deleted and its session continues.
func (r Renderer) threadDeleted(n *bridge.Note) string {
	return "This thread was deleted, so I stopped posting here. The session keeps running in Agen." + r.linkIn(n, "View session")
}

// linkIn returns a link to the note's session, to append to a sentence.
func (r Renderer) linkIn(n *bridge.Note, label string) string {
	if link := r.sessionLink(n); link != "" {
		return " " + linked(link, label)
	}
	return ""
}
