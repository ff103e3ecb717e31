package notes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
)

// MaxOptions is how many options a list in Slack takes
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
const MaxOptions = 100

// maxOptionLabel is how long an option may be to stand on its button.
const maxOptionLabel = 40

// numbered reports whether the options are too many or too long for their
// buttons: then they stand above, in full, and the buttons have numbers.
func numbered(options []bridge.QuestionOption) bool {
	return len(options) > MaxOptions || slices.ContainsFunc(options, func(o bridge.QuestionOption) bool { return len([]rune(o.Label)) > maxOptionLabel })
}

// question asks what the agent asks, the one who asked last.
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

// asked is what was asked, without how to answer and whom.
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

// Slack takes about 13,000 characters in all blocks of a message together. A question
// and the list of its options have this much each, and an option this much of it.
const (
	maxAsked  = 5000
	maxListed = 1000
	elsewhere = "… (all of it is in the Agen app)"
)

// optionList numbers the options, and returns how many are left out: what a menu can't
// offer, or what doesn't fit.
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

// offered returns the actions of a note that buttons are shown for: all but those of
// the options that are left out.
func offered(n *bridge.Note) []string {
	actions := n.Actions()
	if n.Kind != bridge.NoteQuestion || n.Question == nil || !numbered(n.Question.Options) || len(actions) == 0 {
		return actions
	}
	lines, _ := optionList(n.Question.Options)
	return actions[:len(lines)]
}

// answerQueued tells that an answer may stand behind the question that it answers.
func (r Renderer) answerQueued(n *bridge.Note) string {
	text := r.name(n.Person) + "'s answer is queued behind the current run, so the agent may not see it yet. If nothing happens, answer in the Agen app"
	if link := r.sessionLink(n); link != "" {
		text += ": " + linked(link, "View session")
	}
	return text + "."
}

// alreadyAnswered tells somebody who came later.
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
