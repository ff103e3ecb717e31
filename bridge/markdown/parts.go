package markdown

// neutralParts splits a neutralized text. What was code in it may be text in a part, where a code span had to be cut.
func neutralParts(text string, limit int) []string {
	var out []string
	for _, p := range split(text, limit) {
		switch whole := p.String(); {
		case neutralize(whole) == whole:
			out = append(out, whole)
		default:
			out = append(out, neutralParts(neutralize(whole), limit)...)
		}
	}
	return out
}

// part is a part and how it was made. The gaps and texts of all parts, with the replaced marks put back, are the text.
type part struct {
	// gap is the white space of the text that was left out before the part.
	gap string
	// prefix and suffix were added.
	prefix, text, suffix string
	// firstMark is the number of the first line of the text whose marks were replaced, marks are those of that line and
	// of the ones after it.
	firstMark int
	marks     []markChange
	// blanks are the blank lines that were put before lines of the text.
	blanks map[int]string
}

func (p part) String() string { return p.prefix + p.text + p.suffix }

// split is Split that also tells what it changed.
func split(text string, limit int) []part {
	next := openingOf(newDocument(text, max(limit, MinLimit)))
	var parts []part
	for end := 0; next.pos < len(next.text); {
		o := next.protected()
		c := findCut(o)
		p := part{gap: o.text[end:o.pos], prefix: o.prefix, suffix: c.suffix, firstMark: o.firstHeld, blanks: c.blanks}
		p.text, p.marks = o.textUntil(c)
		parts = append(parts, p)
		end, next = c.end, openingAfter(c, o)
	}
	return parts
}
