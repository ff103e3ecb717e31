package content

import "strings"

// inline is running text: pieces that a person typed, code, and links, each with its style.
type inline struct{ pieces []piece }

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

// bold returns plain text as one bold line.
func bold(text string) string {
	var in inline
	in.text(TrimBlank(oneLine(text)), runStyle{bold: true})
	return in.String()
}

// Link returns a link with a label, or the address or the label alone if the other says no more.
func Link(url, label string) string {
	var in inline
	in.link(url, label, runStyle{})
	return in.String()
}
