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

// help says what people can do.
func (r Renderer) help(*bridge.Note) string {
	var signs []string
	for _, s := range []struct {
		sign bridge.ReactionKind
		says string
	}{
		{bridge.ReactionQueued, "waiting its turn"},
		{bridge.ReactionProcessing, "the agent is on it"},
		{bridge.ReactionCompleted, "dealt with"},
		{bridge.ReactionCanceled, "canceled"},
		{bridge.ReactionDelayed, "delayed, I'll keep trying"},
		{bridge.ReactionFailed, "not sent, a note says why"},
	} {
		if r.Reactions[s.sign] != "" {
			signs = append(signs, fmt.Sprintf(":%s: %s", r.Reactions[s.sign], s.says))
		}
	}
	lines := []string{
		"*Mention me with a task* and the thread becomes one Agen session. Anyone here may steer it.",
		"• Every reply in the thread goes to the agent, from anyone who may use it. `@Agen quiet`: only messages that mention me. `@Agen listen`: every reply again.",
	}
	if len(signs) > 0 {
		lines = append(lines, "• *The reaction tells where your message is:* "+strings.Join(signs, " · ")+". *No reaction: the agent did not get it.*")
	}
	lines = append(lines,
		"• To talk among yourselves, start with `!aside` or with somebody's @name.",
		"• Alone in a message: `@Agen status` · `list` · `stop` · `new` · `retry`."+r.helpOptions())
	last := "The agent is an AI and makes mistakes: read its changes before you merge."
	if r.Contact != "" {
		last += " Questions: " + r.Contact
	}
	return strings.Join(append(lines, last), "\n")
}

// helpOptions says what the first message may begin with.
func (r Renderer) helpOptions() string {
	if len(r.Options) == 0 {
		return ""
	}
	examples := map[string]string{bridge.OptionBranch: "branch=main", bridge.OptionModel: "model=…"}
	var given []string
	for _, name := range r.Options {
		given = append(given, examples[name])
	}
	return " In your first message: `[" + strings.Join(given, " ") + "]`"
}

// replies tells which replies are for the agent from now on.
func (r Renderer) replies(n *bridge.Note) string {
	if n.Listens {
		return private + "Every reply in this thread goes to the agent again."
	}
	return private + "From now on only messages that mention me go to the agent."
}

func (r Renderer) retrying(n *bridge.Note) string {
	if n.Count == 0 {
		return private + "Nothing in this thread is left to be sent again."
	}
	return private + fmt.Sprintf("I'm sending %s again. The reaction tells how %s.", counted(n.Count), plural(n.Count, "it stands", "they stand"))
}

// aside tells somebody that their message stayed between people.
func (r Renderer) aside(n *bridge.Note) string {
	return private + "Your message starts with " + n.Name + ", so I left it between you. Should the agent have it too? Edit it and add @Agen."
}

// mistyped tells why nothing was started, and how to mend it.
func (r Renderer) mistyped(n *bridge.Note) string {
	text := "Nothing started: " + r.mistake(n) + " Edit your message and I'll take it from there."
	if len(r.Options) > 0 {
		text += " Options here: `" + strings.Join(r.Options, "`, `") + "`."
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
		return "options are switched off here."
	}
	text := "I don't know the option `" + code(n.Name) + "`."
	if meant := suggest(n.Name, r.Options); meant != "" {
		text += " Did you mean `" + meant + "`?"
	}
	return text
}

// refused tells why a message or a click led to nothing.
func (r Renderer) refused(n *bridge.Note) string {
	what := "Your message did not go to the agent"
	if n.Click {
		what = "Your click did nothing"
	}
	text := private + what + ": " + refusal(n) + "."
	if r.Contact != "" {
		text += " Ask " + r.Contact + " if you need it."
	}
	return text
}

func refusal(n *bridge.Note) string {
	switch n.Refusal {
	case bridge.RefusedGuest:
		return "guests can't use Agen in this workspace"
	case bridge.RefusedExternal:
		return "people of other organizations can't use Agen here"
	case bridge.RefusedShared:
		return "this channel is shared with another company, and the agent's answers would be visible there"
	case bridge.RefusedChannel:
		return "Agen isn't switched on in this channel"
	case bridge.RefusedPerson:
		return "your account isn't on the list of people who may use it"
	case bridge.RefusedDirect:
		return "Agen doesn't take direct messages in this workspace"
	case bridge.RefusedPace:
		return fmt.Sprintf("you wrote more than %d messages in a minute, the limit. Write it again in a minute", n.Limit)
	case bridge.RefusedSessions:
		return fmt.Sprintf("you have started %d sessions today, the limit", n.Limit)
	case bridge.RefusedFull:
		return fmt.Sprintf("%d messages are waiting in this thread already, the limit", n.Limit)
	default:
		return ""
	}
}
