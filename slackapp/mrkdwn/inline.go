package mrkdwn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// style is the marks that text is set in, the outermost first.
type style struct{ marks string }

func (s style) with(mark string) style {
	if strings.Contains(s.marks, mark) {
		return s
	}
	return style{s.marks + mark}
}

// run is text in one style.
type run struct {
	text string
	style
}

// inline renders what stands in a block, in a style.
func (r renderer) inline(n ast.Node, s style) string {
	w := writer{renderer: r}
	w.children(n, s)
	return w.written()
}

// writer collects runs.
type writer struct {
	renderer
	runs []run
}

func (w *writer) add(text string, s style) {
	if n := len(w.runs); n > 0 && w.runs[n-1].style == s {
		w.runs[n-1].text += text
		return
	}
	w.runs = append(w.runs, run{text, s})
}

func (w *writer) children(n ast.Node, s style) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.node(c, s)
	}
}

func (w *writer) node(n ast.Node, s style) {
	switch n := n.(type) {
	case *ast.Text, *ast.String:
		w.add(escape(w.text(n)), s)
	case *ast.CodeSpan:
		w.add(codeSpan(w.plain(n)), s)
	case *ast.Emphasis:
		mark := "_"
		if n.Level > 1 {
			mark = "*"
		}
		w.children(n, s.with(mark))
	case *east.Strikethrough:
		w.children(n, s.with("~"))
	case *ast.Link:
		w.add(link(string(n.Destination), w.plain(n)), s)
	case *ast.Image:
		w.add(link(string(n.Destination), w.plain(n)), s)
	case *ast.AutoLink:
		w.add(w.autoLink(n), s)
	case *ast.RawHTML:
		w.add(rawHTML(string(n.Segments.Value(w.src))), s)
	case *east.TaskCheckBox:
		w.add(box(n), s)
	default:
		w.children(n, s)
	}
}

// box is the box of a task, without the blank that the text after it begins with.
func box(n *east.TaskCheckBox) string {
	if n.IsChecked {
		return "☑ "
	}
	return "☐ "
}

func rawHTML(html string) string {
	if name := strings.ToLower(strings.Trim(html, "</> ")); name == "br" {
		return "\n"
	}
	return escape(html)
}

// codeSpan sets text as code within a line, whose end is the next backtick, whatever one does.
func codeSpan(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "`", "ˋ"), "\n", " ")
	if strings.TrimSpace(text) == "" {
		return text
	}
	return "`" + escape(text) + "`"
}

// written is the runs with their marks. mrkdwn's end with the line, so that each line has its own; they must not stand
// within a word.
func (w *writer) written() string {
	var out strings.Builder
	last := rune(0)
	for i, r := range w.runs {
		next := rune(0)
		if i+1 < len(w.runs) {
			next, _ = utf8.DecodeRuneInString(w.runs[i+1].text)
		}
		for j, line := range strings.Split(r.text, "\n") {
			if j > 0 {
				out.WriteByte('\n')
				last = '\n'
			}
			if line == "" {
				continue
			}
			if r.style == (style{}) || strings.TrimSpace(line) == "" {
				out.WriteString(line)
			} else {
				r.style.write(&out, line, last, next)
			}
			last, _ = utf8.DecodeLastRuneInString(line)
		}
	}
	return out.String()
}

// write writes a line between its marks. last and next are what stands around it.
func (s style) write(out *strings.Builder, line string, last, next rune) {
	const apart = "\u200B"
	text := strings.TrimSpace(line)
	lead := line[:strings.Index(line, text)]
	if isWord(last) && lead == "" {
		out.WriteString(apart)
	}
	out.WriteString(lead + s.marks + text)
	for i := len(s.marks) - 1; i >= 0; i-- {
		out.WriteByte(s.marks[i])
	}
	trail := line[len(lead)+len(text):]
	if isWord(next) && trail == "" {
		out.WriteString(apart)
	}
	out.WriteString(trail)
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}
