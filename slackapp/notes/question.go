package notes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// MaxOptions is the maximum number of options in a Slack menu
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
const MaxOptions = 100

// maxOptionLabel is how long an option may be to be the label of its button.
const maxOptionLabel = 40

// numbered reports whether the options are too many or too long for buttons. If so,
// the text lists them in full, and the buttons have numbers.
func numbered(options []bridge.QuestionOption) bool {
	return len(options) > MaxOptions || slices.ContainsFunc(options, func(o bridge.QuestionOption) bool { return len([]rune(o.Label)) > maxOptionLabel })
}

// question renders the agent's question, addressed to the person who asked last.
func (r Renderer) question(n *bridge.Note) string {
	text := "🙋 The agent asks:"
	if n.Person != "" {
		text = "🙋 " + person(n.Person) + ", the agent asks:"
	}
	how := "Or reply in your own words"
	if n.Question == nil || len(n.Question.Options) == 0 {
		how = "Reply in your own words"
	}
	if n.Quiet {
		how += " (mention me)"
	}
	return text + "\n" + asked(n) + "\n" + how + ". Anyone in this thread can answer; the first answer counts."
}

// asked returns the question without the instructions how to answer, and without
// the mention.
func asked(n *bridge.Note) string {
	if n.Question == nil {
		return n.Text
	}
	text := bold(cut(cmp.Or(n.Question.Text, "How should I go on?"), maxAsked, elsewhere))
	if !numbered(n.Question.Options) {
		return text
	}
	lines, more := optionList(n.Question.Options)
	text += "\n" + strings.Join(lines, "\n")
	if more > 0 {
		text += fmt.Sprintf("\n… and %d more, in the Agen app", more)
	}
	return text
}

// Slack accepts about 13,000 characters in all blocks of a message together. The
// question and the list of its options may have this many each, and one option this
// many of the list.
const (
	maxAsked  = 5000
	maxListed = 1000
	elsewhere = "… (all of it is in the Agen app)"
)

// optionList numbers the options. It leaves out those that a menu can't offer and
// those that don't fit, and returns how many it left out.
func optionList(options []bridge.QuestionOption) (lines []string, more int) {
	room := maxAsked
	for i, o := range options {
		line := fmt.Sprintf("%d. %s", i+1, escape(cut(oneLine(o.Label), maxListed, elsewhere)))
		if room -= len([]rune(line)); room < 0 || i == MaxOptions {
			return lines, len(options) - i
		}
		lines = append(lines, line)
	}
	return lines, 0
}

// offered returns the actions that are shown as buttons: all except those of
// options that are left out.
func offered(n *bridge.Note) []string {
	actions := n.Actions()
	if n.Kind != bridge.NoteQuestion || n.Question == nil || !numbered(n.Question.Options) || len(actions) == 0 {
		return actions
	}
	lines, _ := optionList(n.Question.Options)
	return actions[:len(lines)]
}

// answerQueued says that an answer may be queued behind the run that asks the
// question.
func (r Renderer) answerQueued(n *bridge.Note) string {
	text := r.name(n.Person) + "'s answer is queued behind the current run, so the agent may not see it yet. If nothing happens, answer in the Agen app"
	if link := r.sessionLink(n); link != "" {
		text += ": " + linked(link, "View session")
	}
	return text + "."
}

// alreadyAnswered tells a person that somebody else answered first.
func (r Renderer) alreadyAnswered(n *bridge.Note) string {
	already := "This was already answered."
	if n.Person != "" {
		already = r.name(n.Person) + " already answered"
		if n.Answer != "" {
			already += ": " + escape(n.Answer)
		}
		already += "."
	}
	return already + " If you disagree, reply in the thread and the agent will see it."
}
