package markdown

import "slices"

// span is a piece of a text, in bytes.
type span struct{ from, to int }

// spans are pieces of a text in their order.
type spans []span

// around returns the span that byte i is in, if there is one.
func (s spans) around(i int) (span, bool) {
	at, found := slices.BinarySearchFunc(s, i, func(p span, i int) int { return p.from - i })
	if !found {
		at--
	}
	if at < 0 || i >= s[at].to {
		return span{}, false
	}
	return s[at], true
}

// has is whether byte i is in one of the spans.
func (s spans) has(i int) bool {
	_, ok := s.around(i)
	return ok
}

// uncut is the last place up to byte i at which a cut leaves all spans whole.
func (s spans) uncut(i int) int {
	if p, ok := s.around(i); ok {
		return p.from
	}
	return i
}

// outermost leaves out the spans that are in others.
func outermost(sorted spans) spans {
	var out spans
	for _, s := range sorted {
		switch last := len(out) - 1; {
		case last >= 0 && s.from < out[last].to:
			out[last].to = max(out[last].to, s.to)
		default:
			out = append(out, s)
		}
	}
	return out
}

// inLines is where spans of joined lines are in the text.
func inLines(in spans, lines []span) spans {
	var out spans
	at, i := 0, 0 // line i begins at byte at of the joined lines
	for _, s := range in {
		for i < len(lines) && at+lines[i].to-lines[i].from < s.from {
			at += lines[i].to - lines[i].from + 1
			i++
		}
		for j, start := i, at; j < len(lines) && start < s.to; j++ {
			length := lines[j].to - lines[j].from
			from, to := max(s.from-start, 0), min(s.to-start, length)
			if from < to {
				out = append(out, span{lines[j].from + from, lines[j].from + to})
			}
			start += length + 1
		}
	}
	return out
}
