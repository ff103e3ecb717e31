package content

import (
	"strings"
	"unicode/utf8"
)

// flat is a running text character by character, with a stand-in for each code span and link, so that it can be read as
// lines.
type flat struct {
	text   string
	pieces []piece
	owner  []int // the piece of each byte of text
	// escaped are the positions of characters that get a backslash, and entity those that become a character reference.
	escaped, entity map[int]bool
	marked          bool // something in the text is styled, code or a link
}

// standIn stands for a code span or a link. It is neither a space, nor a letter, nor a mark of Markdown.
const standIn = '\uFFFC'

func flatten(pieces []piece) *flat {
	f := &flat{pieces: pieces, escaped: map[int]bool{}, entity: map[int]bool{}}
	var text strings.Builder
	add := func(s string, piece int) {
		text.WriteString(s)
		for range len(s) {
			f.owner = append(f.owner, piece)
		}
	}
	for i := range pieces {
		p := &pieces[i]
		f.marked = f.marked || !p.isTyped() || !p.style.plain()
		switch {
		case p.isTyped():
			add(p.text, i)
		case p.url != "":
			add(string(standIn), i)
		default:
			// Each line of code is a span of its own.
			for n, line := range strings.Split(p.text, "\n") {
				if n > 0 {
					add("\n", i)
				}
				if line != "" {
					add(string(standIn), i)
				}
			}
		}
	}
	f.text = text.String()
	return f
}

// lineStarts are the positions after line breaks.
func (f *flat) lineStarts() []int {
	starts := []int{0}
	for i := range len(f.text) {
		if f.text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (f *flat) lineAt(start int) string {
	line, _, _ := strings.Cut(f.text[start:], "\n")
	return line
}

// lines returns the lines as atoms.
func (f *flat) lines() [][]atom {
	var lines [][]atom
	var line []atom
	codeLine := map[int]int{} // of a piece of code, the lines that were read
	for at := 0; at < len(f.text); {
		r, size := utf8.DecodeRuneInString(f.text[at:])
		p := f.pieces[f.owner[at]]
		switch {
		case r == '\n':
			lines, line = append(lines, line), nil
			if !p.isTyped() {
				codeLine[f.owner[at]]++
			}
		case p.isTyped():
			line = append(line, f.typed(at, size, r))
		case p.url != "":
			next, _ := utf8.DecodeRuneInString(f.text[at+size:])
			before, _ := utf8.DecodeLastRuneInString(f.text[:at])
			alone := isBreak(before) && isBreak(next) && !strings.Contains(f.text, "[") // which may be that of a link
			line = append(line, opaque(p.linkMarkdown(alone), p.style))
		default:
			text := strings.Split(p.text, "\n")[codeLine[f.owner[at]]]
			line = append(line, opaque(codeSpan(text), p.style))
		}
		at += size
	}
	return append(lines, line)
}

func (f *flat) typed(at, size int, r rune) atom {
	a := atom{md: f.text[at : at+size], first: r, last: r, style: f.pieces[f.owner[at]].style}
	switch {
	case f.escaped[at]:
		a.md = `\` + a.md
	case f.entity[at]:
		a.md, a.first, a.last = "&#32;", '&', ';'
	}
	return a
}

func opaque(md string, style runStyle) atom {
	first, _ := utf8.DecodeRuneInString(md)
	last, _ := utf8.DecodeLastRuneInString(md)
	return atom{md: md, first: first, last: last, style: style}
}
