package markdown

import "slices"

// span is a piece of a text, in bytes.
type span struct{ from, to int }

// spans are pieces of a text in their order.
type spans []span

// has is whether byte i is in one of the spans. Their first bytes aren't, if inner: a cut there leaves them whole.
func (s spans) has(i int, inner bool) bool {
	at, found := slices.BinarySearchFunc(s, i, func(p span, i int) int { return p.from - i })
	return found && !inner || at > 0 && i < s[at-1].to
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
