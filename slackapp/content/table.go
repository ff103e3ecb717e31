package content

import (
	"encoding/json"
	"strings"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// cell is a cell of a table: text, a number or rich text
// (https://docs.slack.dev/reference/block-kit/blocks/table-block).
type cell struct {
	Type  string          `json:"type"`
	Text  string          `json:"text"`
	Value json.RawMessage `json:"value"`
}

// table renders the rows as a table of Markdown, whose first row is its head. other renders what is no cell that is known
// here.
func table(raws []json.RawMessage, n Names, other func(json.RawMessage) string) string {
	var rows [][]string
	width := 0
	for _, raw := range raws {
		var cells []json.RawMessage
		if json.Unmarshal(raw, &cells) != nil {
			continue
		}
		var row []string
		for _, c := range cells {
			row = append(row, cellMarkdown(c, n, other))
		}
		rows = append(rows, row)
		width = max(width, len(row))
	}
	if width == 0 {
		return ""
	}
	var out strings.Builder
	for i, row := range rows {
		row = append(row, make([]string, width-len(row))...)
		out.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			out.WriteString("|" + strings.Repeat(" --- |", width) + "\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// cellMarkdown renders a cell in one line: a pipe would end it, and a line break the table.
func cellMarkdown(raw json.RawMessage, n Names, other func(json.RawMessage) string) string {
	var c cell
	if slackjson.Unmarshal(raw, &c) != nil {
		return ""
	}
	text := c.Text
	switch {
	case c.Type == "rich_text":
		text = richCell(raw, n)
	case text == "" && len(c.Value) > 0:
		text = string(c.Value)
	case text == "" && c.Type != "raw_text":
		text = other(raw)
	default:
		var in inline
		in.text(text, runStyle{})
		text = in.String()
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), "|", `\|`)
	return strings.NewReplacer("\r\n", "<br>", "\n", "<br>", "\r", "<br>").Replace(text)
}

// richCell renders rich text without blocks of code, which no cell can hold: their lines become spans.
func richCell(raw json.RawMessage, n Names) string {
	var b richBlock
	if slackjson.Unmarshal(raw, &b) != nil {
		return ""
	}
	doc := document{names: n, known: true}
	var lines []string
	for _, part := range b.Elements {
		if part.Type != "rich_text_preformatted" {
			sub := document{names: n, known: true}
			sub.add(part)
			lines = append(lines, sub.String())
			continue
		}
		in := doc.inline(part.pieces())
		for i := range in.pieces {
			in.pieces[i].style = runStyle{code: true}
		}
		lines = append(lines, in.String())
	}
	return joined("\n", lines...)
}
