package content

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// block is any block, or an element of one, as far as it shows something
// (https://docs.slack.dev/reference/block-kit/blocks). Its fields stand in the order in which they are shown. Those
// that hold a text are text objects in most blocks and strings in some.
type block struct {
	Type      string            `json:"type"`
	Label     json.RawMessage   `json:"label"`
	Caption   json.RawMessage   `json:"caption"`
	Title     json.RawMessage   `json:"title"`
	RichTitle json.RawMessage   `json:"rich_text_title"`
	Subtitle  json.RawMessage   `json:"subtitle"`
	Name      json.RawMessage   `json:"name"`
	Text      json.RawMessage   `json:"text"`
	Body      json.RawMessage   `json:"body"`
	Describes json.RawMessage   `json:"description"`
	Subtext   json.RawMessage   `json:"subtext"`
	Hint      json.RawMessage   `json:"hint"`
	Fields    []json.RawMessage `json:"fields"`
	Hero      json.RawMessage   `json:"hero_image"`
	Elements  []json.RawMessage `json:"elements"`
	Element   json.RawMessage   `json:"element"`
	Children  []json.RawMessage `json:"child_blocks"`
	Tasks     []json.RawMessage `json:"tasks"`
	Details   json.RawMessage   `json:"details"`
	Output    json.RawMessage   `json:"output"`
	Sources   []json.RawMessage `json:"sources"`
	Accessory json.RawMessage   `json:"accessory"`
	Actions   []json.RawMessage `json:"actions"`
	Rows      []json.RawMessage `json:"rows"`

	Alt         string          `json:"alt_text"`
	URL         string          `json:"url"`
	ImageURL    string          `json:"image_url"`
	TitleURL    string          `json:"title_url"`
	VideoURL    string          `json:"video_url"`
	Author      string          `json:"author_name"`
	Provider    string          `json:"provider_name"`
	Status      string          `json:"status"`
	ExternalID  string          `json:"external_id"`
	Placeholder json.RawMessage `json:"placeholder"`
	Call        callObject      `json:"call"`
	Chart       json.RawMessage `json:"chart"`
}

type callObject struct {
	V1 struct {
		Name    string `json:"name"`
		JoinURL string `json:"join_url"`
	} `json:"v1"`
}

// FromBlocks renders blocks, one string for each that shows something. A block that is unknown here is named.
func FromBlocks(raw json.RawMessage, n Names) []string {
	parts, _ := blocksFor(raw, n, "")
	return parts
}

// blocksFor renders blocks without the mention of self at their beginning. They are known if not all of those that show
// something are of a type that is unknown here.
func blocksFor(raw json.RawMessage, n Names, self string) (parts []string, known bool) {
	var blocks []json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &blocks) != nil {
		return nil, false
	}
	unknown := 0
	r := blockRenderer{names: n, self: self, unknown: &unknown}
	for _, b := range blocks {
		if text := r.render(b, 0); strings.TrimSpace(text) != "" {
			parts = append(parts, Tidy(text))
			r.self = ""
		}
	}
	return parts, len(parts) > unknown
}

type blockRenderer struct {
	names Names
	self  string // whose mention at the beginning is left out
	// unknown counts the blocks, without those in others, whose type is unknown here.
	unknown *int
}

// maxNesting limits how deep blocks stand in each other; Slack allows two levels.
const maxNesting = 8

func (r blockRenderer) render(raw json.RawMessage, depth int) string {
	var b block
	if len(raw) == 0 || slackjson.Unmarshal(raw, &b) != nil || depth > maxNesting || b.malformed() {
		return ""
	}
	switch b.Type {
	case "rich_text":
		text, _ := FromRichText(json.RawMessage("["+string(raw)+"]"), r.names, r.self)
		return text
	case "header":
		return bold(textOf(b.Text).Text)
	case "markdown":
		return closeFence(textOf(b.Text).Text)
	case "divider":
		return ""
	case "table", "data_table":
		inCell := func(raw json.RawMessage) string { return r.render(raw, maxNesting) }
		return joined("\n\n", textOf(b.Caption).markdown(r.names), table(b.Rows, r.names, inCell))
	case "context":
		return joined(" ", r.each(b.Elements, depth)...)
	case "actions", "context_actions":
		return joined(" · ", r.each(b.Elements, depth)...)
	case "image":
		return named("image", cmp.Or(joined(": ", textOf(b.Title).Text, b.Alt)), b.ImageURL)
	case "video":
		return stacked(named("video", cmp.Or(textOf(b.Title).Text, b.Alt), cmp.Or(b.TitleURL, b.VideoURL)),
			textOf(b.Describes).markdown(r.names), joined(" · ", b.Author, b.Provider))
	case "file":
		return named("file", b.ExternalID, "")
	case "call":
		return named("call", b.Call.V1.Name, b.Call.V1.JoinURL)
	case "url":
		return Link(b.URL, textOf(b.Text).Text)
	case "mrkdwn", "plain_text":
		return textOf(raw).markdown(r.names)
	case "section", "input", "alert", "card", "carousel", "container", "layout", "task_card", "plan", "row":
		return r.all(b, depth)
	case "data_visualization":
		return stacked(named("chart", textOf(b.Title).Text, ""), Fence(string(b.Chart), "json"))
	}
	if kind := controlKind(b.Type); kind != "" {
		return named(kind, cmp.Or(textOf(b.Text).Text, textOf(b.Placeholder).Text), b.URL)
	}
	if depth == 0 {
		*r.unknown++
	}
	return stacked(unshown(b.Type), r.all(b, depth))
}

// malformed reports whether the block's text is no text object though it has to be one. Then the message's text is the
// better source (https://docs.slack.dev/reference/block-kit/blocks/section-block).
func (b block) malformed() bool {
	return (b.Type == "section" || b.Type == "header") && len(b.Text) > 0 && b.Text[0] != '{'
}

// all renders all that a block shows, in its order.
func (r blockRenderer) all(b block, depth int) string {
	parts := []string{b.Status}
	for _, text := range []json.RawMessage{
		b.Label, b.Caption, b.Title, b.RichTitle, b.Subtitle, b.Name, b.Text, b.Body, b.Describes, b.Subtext, b.Hint,
	} {
		parts = append(parts, r.textOrBlock(text, depth))
	}
	for _, f := range b.Fields {
		parts = append(parts, textOf(f).markdown(r.names))
	}
	for _, raws := range [][]json.RawMessage{
		{b.Hero}, b.Elements, {b.Element}, b.Children, b.Tasks, {b.Details}, {b.Output}, b.Sources, {b.Accessory}, b.Actions, cells(b.Rows),
	} {
		parts = append(parts, r.each(raws, depth)...)
	}
	return stacked(parts...)
}

// cells are the blocks in the rows of a layout.
func cells(rows []json.RawMessage) []json.RawMessage {
	var all []json.RawMessage
	for _, row := range slackjson.UnmarshalEach[struct {
		Items []struct {
			Block json.RawMessage `json:"block"`
		} `json:"items"`
	}](rows) {
		for _, item := range row.Items {
			all = append(all, item.Block)
		}
	}
	return all
}

func (r blockRenderer) textOrBlock(raw json.RawMessage, depth int) string {
	if typeOf(raw) == "rich_text" {
		return r.render(raw, depth+1)
	}
	return textOf(raw).markdown(r.names)
}

func (r blockRenderer) each(raws []json.RawMessage, depth int) []string {
	var parts []string
	for _, raw := range raws {
		parts = append(parts, r.render(raw, depth+1))
	}
	return parts
}

// controlKind returns what people would call an element that they can click, or an empty string if it isn't one
// (https://docs.slack.dev/reference/block-kit/block-elements).
func controlKind(kind string) string {
	switch kind {
	case "button", "workflow_button", "feedback_buttons", "icon_button":
		return "button"
	case "overflow", "radio_buttons", "checkboxes", "datepicker", "timepicker", "datetimepicker":
		return "menu"
	}
	if strings.HasSuffix(kind, "_select") || strings.HasSuffix(kind, "_input") {
		return "menu"
	}
	return ""
}

// named returns what a block shows that isn't text, with its address. A button that leads somewhere is a link.
func named(kind, what, url string) string {
	what = oneLine(what)
	switch {
	case url != "" && kind == "button":
		return Link(url, what)
	case url != "":
		return kind + ": " + Link(url, what)
	case what == "":
		return ""
	default:
		return "(" + kind + ": " + what + ")"
	}
}

// blockText is a text object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
type blockText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// textOf reads a text object, or a string. Anything else shows no text.
func textOf(raw json.RawMessage) blockText {
	var t blockText
	if len(raw) > 0 && slackjson.Unmarshal(raw, &t) != nil && json.Unmarshal(raw, &t.Text) != nil {
		return blockText{}
	}
	return t
}

func (t blockText) markdown(n Names) string {
	if t.Type == "mrkdwn" {
		return FromMrkdwn(t.Text, n)
	}
	var in inline
	in.text(t.Text, runStyle{})
	return in.String()
}

// closeFence returns Markdown with its last fence closed: an app may leave it open, which ends with the block in Slack.
func closeFence(md string) string {
	open := ""
	for line := range strings.Lines(md) {
		m := fenceStart.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		switch {
		case m == nil:
		case open == "":
			open = m[2][:runAt(m[2], 0)]
		case m[2][0] == open[0] && runAt(m[2], 0) >= len(open) && strings.Trim(m[2], open[:1]+" ") == "":
			open = ""
		}
	}
	if open == "" {
		return md
	}
	return strings.TrimSuffix(md, "\n") + "\n" + open
}

func typeOf(block json.RawMessage) string {
	var b struct {
		Type string `json:"type"`
	}
	// A block without a type shows nothing.
	_ = slackjson.Unmarshal(block, &b)
	return b.Type
}
