package mrkdwn

import (
	"strings"
	"unicode"

	east "github.com/yuin/goldmark/extension/ast"
)

// maxPad bounds the width that columns are filled up to, so that one long cell doesn't make every row as long.
const maxPad = 60

// table is a table as aligned text.
func (r renderer) table(t *east.Table) string {
	var rows [][]string
	widths := make([]int, len(t.Alignments))
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil && len(cells) < len(widths); cell = cell.NextSibling() {
			text := strings.Join(strings.Fields(r.plain(cell)), " ")
			widths[len(cells)] = max(widths[len(cells)], min(maxPad, width(text)))
			cells = append(cells, text)
		}
		rows = append(rows, cells)
	}
	var out strings.Builder
	for i, cells := range rows {
		writeRow(&out, cells, widths, t.Alignments)
		if i == 0 {
			for j, w := range widths {
				if j > 0 {
					out.WriteString("-+-")
				}
				out.WriteString(strings.Repeat("-", w))
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func writeRow(out *strings.Builder, cells []string, widths []int, alignments []east.Alignment) {
	var row strings.Builder
	for i, cell := range cells {
		if i > 0 {
			row.WriteString(" | ")
		}
		pad := max(0, widths[i]-width(cell))
		left := 0
		switch alignments[i] {
		case east.AlignRight:
			left = pad
		case east.AlignCenter:
			left = pad / 2
		default:
		}
		row.WriteString(strings.Repeat(" ", left) + cell + strings.Repeat(" ", pad-left))
	}
	out.WriteString(strings.TrimRight(row.String(), " ") + "\n")
}

// width is how many columns text takes in a font of fixed width, roughly
// (https://www.unicode.org/reports/tr11/#ED4).
func width(text string) int {
	n := 0
	last := rune(0)
	for _, r := range text {
		switch {
		case last == '\u200D', unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= 0x1F3FB && r <= 0x1F3FF:
		case unicode.Is(wide, r):
			n += 2
		default:
			n++
		}
		last = r
	}
	return n
}

// wide are the ranges of Chinese, Japanese, Korean and emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115F, 1},
		{0x2E80, 0xA4CF, 1},
		{0xAC00, 0xD7A3, 1},
		{0xF900, 0xFAFF, 1},
		{0xFE30, 0xFE6F, 1},
		{0xFF00, 0xFF60, 1},
		{0xFFE0, 0xFFE6, 1},
	},
	R32: []unicode.Range32{{0x1F300, 0x1FAFF, 1}, {0x20000, 0x3FFFD, 1}},
}
