package content

import (
	"strings"
	"unicode/utf8"
)

// inline is running text: pieces that a person typed, code, and links, each with its style.
type inline struct{ pieces []piece }

// piece is a part of a running text. Every piece is typed text unless it has an address or is code.
type piece struct {
	text  string
	url   string // of a link; text is its label
	style runStyle
}

// runStyle is the style of a run of text.
type runStyle struct{ bold, italic, strike, code bool }

func (s runStyle) plain() bool { return s == runStyle{} }

// isTyped reports whether the piece is text as a person typed it, which no mark of ours surrounds.
func (p piece) isTyped() bool { return p.url == "" && !p.style.code }

// text adds text. Pieces of one style become one run, and so does code, whose styles then are those of all of it.
func (in *inline) text(text string, style runStyle) {
	if text == "" {
		return
	}
	if n := len(in.pieces); n > 0 && in.pieces[n-1].url == "" {
		last := &in.pieces[n-1]
		if last.style == style || last.style.code && style.code {
			last.text += text
			last.style = runStyle{
				bold: last.style.bold && style.bold, italic: last.style.italic && style.italic,
				strike: last.style.strike && style.strike, code: style.code,
			}
			return
		}
	}
	in.pieces = append(in.pieces, piece{text: text, style: style})
}

// link adds a link. Slack links what looks like an address: a label that is the address is what was typed.
func (in *inline) link(url, label string, style runStyle) {
	url, label = URL(url), oneLine(label)
	switch {
	case url == "":
		in.text(label, style)
	case label != "" && label != url && isTypedAddress(url, label), style.code && (label == "" || label == url):
		in.text(orText(label, url), style)
	default:
		in.pieces = append(in.pieces, piece{text: label, url: url, style: style})
	}
}

// add adds a piece.
func (in *inline) add(p piece) {
	if p.url == "" {
		in.text(p.text, p.style)
		return
	}
	in.pieces = append(in.pieces, p)
}

// plainCode returns pieces as the text of a block of code, and a line for the links in it, which can't stand there.
func plainCode(pieces []piece) (text, links string) {
	var code strings.Builder
	var labeled []string
	for _, p := range pieces {
		code.WriteString(orText(p.text, p.url))
		if p.url != "" && p.text != "" && p.text != p.url {
			p.style.code = false
			labeled = append(labeled, p.linkMarkdown(false))
		}
	}
	if len(labeled) > 0 {
		links = "\n\n(Links in this code: " + strings.Join(labeled, ", ") + ")"
	}
	return code.String(), links
}

func orText(label, url string) string {
	if label == "" {
		return url
	}
	return label
}

// String returns the text as Markdown.
func (in *inline) String() string {
	f := flatten(in.pieces)
	f.protect()
	var out strings.Builder
	for i, line := range f.lines() {
		if i > 0 {
			out.WriteByte('\n')
		}
		writeStyled(&out, line, outermost, lineEnd, lineEnd)
	}
	return out.String()
}

// atom is a character of typed text, or a code span or link as a whole.
type atom struct {
	md          string
	first, last rune // of md without a backslash that escapes it
	style       runStyle
}

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

// isBreak reports whether r ends a bare address in every Markdown parser. There is no r at the ends of a text.
func isBreak(r rune) bool { return r == utf8.RuneError || r == ' ' || r == '\n' }

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

// linkMarkdown returns the link. Where it stands alone its address is enough; elsewhere the address is delimited, so that
// a letter or a mark beside it isn't taken for a part of it.
func (p piece) linkMarkdown(alone bool) string {
	switch {
	case p.style.code:
		return "[" + codeSpan(p.text) + "](" + destination(p.url) + ")"
	case p.text == "" || p.text == p.url:
		return bareLink(p.url, alone && p.style.plain())
	default:
		return "[" + escapeLabel(p.text) + "](" + destination(p.url) + ")"
	}
}
