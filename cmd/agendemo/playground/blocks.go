package playground

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// object is a JSON object in Slack's format: a block, an element, or a text.
type object map[string]any

func (o object) word(name string) string { w, _ := o[name].(string); return w }

func (o object) inner(name string) object { i, _ := o[name].(map[string]any); return i }

func (o object) list(name string) []object {
	raw, _ := o[name].([]any)
	var all []object
	for _, one := range raw {
		if m, ok := one.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

// names resolves the ids in a text to names.
type names interface {
	user(id string) string
	channel(id string) string
}

// bodyNodes renders a message: its blocks if it has any, otherwise its text.
func bodyNodes(blocks json.RawMessage, text string, n names) []node {
	var list []object
	if len(blocks) > 0 && json.Unmarshal(blocks, &list) == nil && len(list) > 0 {
		var all []node
		for _, b := range list {
			all = append(all, blockNode(b, n).with("class", "block "+b.word("type")))
		}
		return all
	}
	return []node{element("div", markupNodes(text, n)...).with("class", "block rich_text")}
}

// blockNode renders one block (https://docs.slack.dev/reference/block-kit/blocks).
func blockNode(b object, n names) node {
	switch b.word("type") {
	case "rich_text":
		return element("div", richNodes(b.list("elements"), n)...)
	case "markdown":
		return element("div", markdownNodes(b.word("text"))...)
	case "divider":
		return element("hr")
	case "header":
		return element("h3", textNode(b.inner("text").word("text")))
	case "section":
		return sectionNode(b, n)
	case "context":
		var parts []node
		for _, e := range b.list("elements") {
			parts = append(parts, element("span", textNodes(e, n)...))
		}
		return element("div", parts...)
	case "actions":
		var buttons []node
		for _, e := range b.list("elements") {
			buttons = append(buttons, controlNode(e))
		}
		return element("div", buttons...)
	}
	return element("div", textNode(fmt.Sprintf("(%s)", b.word("type"))))
}

func sectionNode(b object, n names) node {
	kids := []node{element("div", textNodes(b.inner("text"), n)...)}
	for _, f := range b.list("fields") {
		kids = append(kids, element("div", textNodes(f, n)...))
	}
	if accessory := b.inner("accessory"); accessory != nil {
		kids = append(kids, element("div", controlNode(accessory)).with("class", "accessory"))
	}
	return element("div", kids...)
}

// textNodes renders a text object, or the description of an image.
func textNodes(o object, n names) []node {
	if o.word("type") == "mrkdwn" {
		return markupNodes(o.word("text"), n)
	}
	text := o.word("text")
	if o.word("type") == "image" {
		text = o.word("alt_text")
	}
	return lines(emojiIn(text))
}

// controlNode renders a button or a menu. The page sends its action back when a person uses it.
func controlNode(e object) node {
	switch e.word("type") {
	case "button":
		b := element("button", textNode(emojiIn(e.inner("text").word("text")))).with("data-action", actionOf(e))
		if style := e.word("style"); style != "" {
			b = b.with("class", style)
		}
		return b
	case "static_select":
		label := e.inner("placeholder").word("text")
		options := []node{element("option", textNode(label)).with("value", "")}
		for _, o := range e.list("options") {
			options = append(options, element("option", textNode(o.inner("text").word("text"))).with("value", o.word("value")))
		}
		return element("select", options...).with("aria-label", label)
	}
	return element("span", textNode(fmt.Sprintf("(%s)", e.word("type"))))
}

// actionOf returns the name of a button for slacktest.Server.Click.
func actionOf(e object) string {
	for _, name := range []string{e.word("action_id"), e.word("value")} {
		if name != "" {
			return name
		}
	}
	return e.inner("text").word("text")
}

var (
	emojiCode = regexp.MustCompile(`:[a-z0-9_+-]+:`)
	dateToken = regexp.MustCompile(`<!date\^(\d+)\^([^^|>]+)[^|>]*\|([^>]*)>`)
)

func emojiIn(text string) string { return emojiCode.ReplaceAllStringFunc(text, slacktest.Emoji) }

// markupNodes renders a text in Slack markup. Slack's clients parse it into rich text, except for dates, which pass
// through as a special kind of link.
func markupNodes(text string, n names) []node {
	text = dateToken.ReplaceAllString(text, "<"+dateScheme+"$1^$2|$3>")
	var list []object
	if raw := slacktest.RichText(text); len(raw) == 0 || json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return lines(text)
	}
	return richNodes(list[0].list("elements"), n)
}

const dateScheme = "date:"

// dateNode renders a time in the reader's time zone, which the page knows.
func dateNode(spec, fallback string) node {
	seconds, format, _ := strings.Cut(strings.TrimPrefix(spec, dateScheme), "^")
	return element("time", textNode(fallback)).with("data-at", seconds).with("data-format", format)
}
