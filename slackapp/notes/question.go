package notes

import (
	"cmp"
	"fmt"
	"slices"

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
	how := "Or reply in your own words."
	if n.Question == nil || len(n.Question.Options) == 0 {
		how = "Reply in your own words."
	}
	return text + "\n" + asked(n) + "\n" + how + " Anyone in this thread may answer; the first answer counts."
}

// asked is what was asked, without how to answer and whom.
func asked(n *bridge.Note) string {
	if n.Question == nil {
		return n.Text
	}
	text := bold(cmp.Or(n.Question.Text, "How should I go on?"))
	if numbered(n.Question.Options) {
		for i, o := range n.Question.Options {
			text += fmt.Sprintf("\n%d. %s", i+1, escape(o.Label))
		}
	}
	return text
}

// answerQueued tells that an answer may stand behind the question that it answers.
func (r Renderer) answerQueued(n *bridge.Note) string {
	where := "in the Agen app"
	if link := r.sessionLink(n); link != "" {
		where = "there: " + linked(link, "Open session")
	}
	return "Agen has put the answer of " + person(n.Person) + " into its queue, where it may wait for the very question that it answers. If the agent doesn't go on, answer " + where + "."
}

// alreadyAnswered tells somebody who came later.
func (r Renderer) alreadyAnswered(n *bridge.Note) string {
	already := "This has been answered already."
	if n.Person != "" {
		already = person(n.Person) + " has already answered"
		if n.Answer != "" {
			already += ": " + escape(n.Answer)
		}
		already += "."
	}
	return private + already + " If you see it differently, reply in the thread: it goes to the agent."
}
