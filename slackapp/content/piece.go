package content

import "strings"

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
