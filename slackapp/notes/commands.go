package notes

import (
	"fmt"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// greeting introduces the bot to a channel.
func (r Renderer) greeting(*bridge.Note) string {
	along := ""
	if r.Earlier > 0 {
		along = fmt.Sprintf("up to %d earlier %s of the thread, ", r.Earlier, plural(r.Earlier, "message", "messages"))
	}
	return "Hi, I'm Agen, a coding agent. Mention me with a task and I'll work on it in that thread: `@Agen the login test is flaky, please fix it`\n" +
		"I only act in threads where someone mentions me. What's said there goes to Agen: every reply, " + along +
		"forwarded and linked messages, and small text files, each with its author's name. More: `@Agen help`"
}

// help explains what people can do.
func (r Renderer) help(*bridge.Note) string {
	lines := []string{"*Mention me with a task* and this thread becomes an Agen session. Every reply then goes to the agent."}
	if signs := r.helpReactions(); signs != "" {
		lines = append(lines, "*Reactions:* "+signs+". A reply with no reaction wasn't sent.")
	}
	lines = append(lines,
		"*Commands* (mention me, nothing else in the message):",
		"`status` how this thread stands",
		"`quiet` only messages that mention me · `listen` every reply again",
		"`stop` ask the agent to stop · `new` start a new session here",
		"`retry` send again what failed · `list` your open threads · `link &lt;id&gt;` continue one of your sessions here",
		"To keep a reply between people, start it with `!aside` or someone's @name."+r.helpOptions())
	last := "The agent is an AI and makes mistakes. Review its changes before you merge."
	if r.Contact != "" {
		last += " Questions? " + r.Contact
	}
	return strings.Join(append(lines, last), "\n")
}

// helpReactions explains the reactions that are switched on.
func (r Renderer) helpReactions() string {
	var signs []string
	for _, s := range []struct {
		sign bridge.ReactionKind
		says string
	}{
		{bridge.ReactionQueued, "waiting for the agent"},
		{bridge.ReactionProcessing, "in progress"},
		{bridge.ReactionCompleted, "handled"},
		{bridge.ReactionCanceled, "canceled"},
		{bridge.ReactionDelayed, "delayed, I'll keep trying"},
		{bridge.ReactionFailed, "there's a problem, see the note"},
	} {
		if r.Reactions[s.sign] != "" {
			signs = append(signs, fmt.Sprintf(":%s: %s", r.Reactions[s.sign], s.says))
		}
	}
	return strings.Join(signs, " · ")
}

// helpOptions explains the options that the first message may begin with.
func (r Renderer) helpOptions() string {
	if len(r.Options) == 0 {
		return ""
	}
	examples := map[string]string{bridge.OptionBranch: "branch=main", bridge.OptionModel: "model=…"}
	var given []string
	for _, name := range r.Options {
		given = append(given, examples[name])
	}
	return " In your first message you can set `[" + strings.Join(given, " ") + "]`."
}

// replies says which replies go to the agent from now on.
func (r Renderer) replies(n *bridge.Note) string {
	if n.Listens {
		return "Every reply goes to the agent again."
	}
	return "From now on, only messages that mention me go to the agent."
}

func (r Renderer) retrying(n *bridge.Note) string {
	if n.Count == 0 {
		return "There's nothing to resend."
	}
	return "Sending " + counted(n.Count) + " again."
}

// newSession says what follows from the command new.
func (r Renderer) newSession(n *bridge.Note) string {
	text := "The next message in this thread starts a new session, with this thread as background."
	if n.Session == "" {
		return text
	}
	text += " The previous session keeps running in Agen"
	if link := r.sessionLink(n); link != "" {
		text += ": " + linked(link, "View session")
	}
	return text + ". Its answers no longer appear here."
}

// nearMiss asks whether a message that resembles a command was meant as one.
func (r Renderer) nearMiss(n *bridge.Note) string { return "Did you mean `" + code(n.Word) + "`?" }

// aside tells an author that their message was not sent to the agent.
func (r Renderer) aside(n *bridge.Note) string {
	return "Your message starts with " + n.Name + ", so I kept it between you. If the agent should see it, edit it and add @Agen."
}

// mistyped says why no session was started, and how to correct the message.
func (r Renderer) mistyped(n *bridge.Note) string {
	text := "I haven't started yet: " + r.mistake(n) + " Edit your message and I'll pick it up."
	if len(r.Options) > 0 {
		text += " Available here: `" + strings.Join(r.Options, "`, `") + "`."
	}
	return text
}

func (r Renderer) mistake(n *bridge.Note) string {
	switch n.Mistake {
	case bridge.MistakeTwice:
		return fmt.Sprintf("`%s` is given twice.", n.Name)
	case bridge.MistakeEmpty:
		return fmt.Sprintf("`%s` has no value: write `[%s=…]`.", n.Name, n.Name)
	case bridge.MistakeTooLong:
		return fmt.Sprintf("the value of `%s` is longer than %d characters.", n.Name, n.Limit)
	default:
	}
	if len(r.Options) == 0 {
		return "options are turned off here."
	}
	text := "there's no option `" + code(n.Name) + "`."
	if meant := suggest(n.Name, r.Options); meant != "" {
		text += " Did you mean `" + meant + "`?"
	}
	return text
}

// refused says why a message or a click had no effect, and what to do about it.
func (r Renderer) refused(n *bridge.Note) string {
	text := "Your message wasn't sent to the agent: "
	if n.Click {
		text = "Your click did nothing: "
	}
	text += refusal(n) + "."
	switch {
	case n.Refusal == bridge.RefusedPace && !n.Click:
		return text + " Send it again in a minute."
	case n.Refusal == bridge.RefusedPace, n.Refusal == bridge.RefusedSessions, n.Refusal == bridge.RefusedFull:
		return text + " Try again later."
	case r.Contact != "":
		return text + " Ask " + r.Contact + " for access."
	default:
		return text
	}
}

func refusal(n *bridge.Note) string {
	switch n.Refusal {
	case bridge.RefusedGuest:
		return "guests can't use Agen in this workspace"
	case bridge.RefusedExternal:
		return "people from other organizations can't use Agen here"
	case bridge.RefusedShared:
		return "this channel is shared with another company, which would see the agent's answers"
	case bridge.RefusedChannel:
		return "Agen isn't enabled in this channel"
	case bridge.RefusedPerson:
		return "your account isn't on the list of people who can use Agen"
	case bridge.RefusedDirect:
		return "direct messages are turned off"
	case bridge.RefusedPace:
		return fmt.Sprintf("you've sent %s in a minute, which is the limit", counted(n.Limit))
	case bridge.RefusedSessions:
		return fmt.Sprintf("you've started %d %s in 24 hours, which is the limit", n.Limit, plural(n.Limit, "session", "sessions"))
	case bridge.RefusedFull:
		return counted(n.Limit) + " are already waiting in this thread"
	default:
		return ""
	}
}
