package content

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// typedPieces are what people type that could take what Slack shows beside it into something else.
var typedPieces = []string{
	"a", "word", "看", "。", "é", "👍🏽", " ", "  ", "\n", "\n\n", "    ", "`", "``", "```", "~~~", "*", "**", "_", "__", "~", "\\", "[", "]", "(", ")", "!", "<", ">",
	"<div>", "<!--", "&lt;", "1. ", "- ", "# ", "> ", "| a |\n|---|\n", "[x]: ", "---", "===", ":", ",", "\u00a0", "\u200b",
}

// section is a random section of a message, and what must be found in what it becomes.
type randomSection struct {
	pieces []string
	codes  []string
	links  []string
}

func newRandomSection(r *rand.Rand) randomSection {
	var s randomSection
	add := func(format string, args ...any) {
		s.pieces = append(s.pieces, fmt.Sprintf(format, args...))
	}
	for i := range 1 + r.IntN(7) {
		text := ""
		for range 1 + r.IntN(3) {
			text += typedPieces[r.IntN(len(typedPieces))]
		}
		quoted, err := json.Marshal(text)
		if err != nil {
			panic(err)
		}
		switch r.IntN(6) {
		case 0:
			if n := len(s.pieces); n > 0 && strings.Contains(s.pieces[n-1], `"code"`) {
				continue // both would be one
			}
			code := fmt.Sprintf("c%d%s", i, []string{"", "`", " x", "<b>", "*"}[r.IntN(5)])
			s.codes = append(s.codes, code)
			add(`{"type":"text","text":%q,"style":{"code":true}}`, code)
		case 1:
			s.links = append(s.links, fmt.Sprintf("https://x.test/%d", i))
			add(`{"type":"link","url":"https://x.test/%d","text":%s}`, i, quoted)
		case 2:
			s.links = append(s.links, fmt.Sprintf("https://x.test/%d", i))
			add(`{"type":"link","url":"https://x.test/%d"}`, i)
		case 3:
			add(`{"type":"text","text":%s,"style":{"%s":true,"%s":true}}`, quoted, styleNames[r.IntN(3)], styleNames[r.IntN(3)])
		default:
			add(`{"type":"text","text":%s}`, quoted)
		}
	}
	return s
}

var styleNames = []string{"bold", "italic", "strike"}

// TestTypedMarksTakeNothing: whatever people type, the code and the links beside it stay what they are, and the next block
// begins where it did.
func TestTypedMarksTakeNothing(t *testing.T) {
	for seed := range uint64(5_000) {
		s := newRandomSection(rand.New(rand.NewPCG(seed, 146)))
		blocks := rich(section(strings.Join(s.pieces, ",")) + "," + section(`{"type":"text","text":"the end "},{"type":"text","text":"b","style":{"code":true}}`))
		text, ok := FromRichText(blocks, testBook, "")
		read := meaning(text)
		if problem := s.missing(read); !ok || problem != "" || !strings.HasSuffix(read, "p the end {c b}\n") {
			t.Fatalf("seed %d: %s\n%s\nbecame\n%s\nwhich means\n%s", seed, problem, blocks, text, read)
		}
	}
}

// TestTypedMarksAreShown: another parser shows the marks of styles as Slack does.
func TestTypedMarksAreShown(t *testing.T) {
	words := []string{"a", "bc", " ", "看", "，", ".", "(", ")", "*", "**", "***", "_", "__", "~", "~~", "/", "\\", "+", ":", "&amp;", "<b>", "[", "]", "!", "\nx", "\n[a]:"}
	for seed := range uint64(5_000) {
		r := rand.New(rand.NewPCG(seed, 346))
		typed := "x"
		for range 1 + r.IntN(12) {
			typed += words[r.IntN(len(words))]
		}
		typed += "x"
		quoted, _ := json.Marshal(typed)
		text, _ := FromRichText(rich(section(`{"type":"text","text":`+string(quoted)+`}`)), testBook, "")
		got := strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(meaning(text), "p ")), " ⏎ ", "\n")
		if got != blanksAtEnds.ReplaceAllString(typed, "\n") {
			t.Fatalf("seed %d: %s\nbecame\n%s\nwhich means\n%s", seed, typed, text, got)
		}
	}
}

var blanksAtEnds = regexp.MustCompile(` +\n`)

// missing returns what isn't found, in its order.
func (s randomSection) missing(read string) string {
	rest := read
	for _, code := range s.codes {
		_, after, found := strings.Cut(rest, "{c "+code+"}")
		if !found {
			return "no code " + code
		}
		rest = after
	}
	rest = read
	for _, link := range s.links {
		_, after, found := strings.Cut(rest, "{l "+link)
		if !found {
			return "no link " + link
		}
		rest = after
	}
	return ""
}

// TestStylesByAnotherParser: what is styled is read as styled, letter for letter, and no mark is shown.
func TestStylesByAnotherParser(t *testing.T) {
	words := []string{"a", "bc", " ", "d e", " f", "g ", "看", "，", ".", "(h)", "i:", "\n", "x_y"}
	for seed := range uint64(5_000) {
		r := rand.New(rand.NewPCG(seed, 246))
		var pieces []string
		var want strings.Builder
		last := -1
		for range 1 + r.IntN(5) {
			style := r.IntN(4)
			if style == last {
				continue
			}
			last = style
			text := words[r.IntN(len(words))] + words[r.IntN(len(words))]
			quoted, _ := json.Marshal(text)
			if style == 3 {
				pieces = append(pieces, fmt.Sprintf(`{"type":"text","text":%s}`, quoted))
			} else {
				pieces = append(pieces, fmt.Sprintf(`{"type":"text","text":%s,"style":{"%s":true}}`, quoted, styleNames[style]))
			}
			for _, c := range text {
				if unicode.IsLetter(c) || unicode.IsDigit(c) {
					want.WriteString(string("bisp"[style]) + string(c) + " ")
				}
			}
		}
		text, _ := FromRichText(rich(section(strings.Join(pieces, ","))), testBook, "")
		if got := letters(meaning(text)); got != want.String() {
			t.Fatalf("seed %d: %v\nbecame\n%s\nwhich means\n%s\ngot  %s\nwant %s", seed, pieces, text, meaning(text), got, want.String())
		}
	}
}

// letters are the letters and digits of a meaning, each behind its style.
func letters(read string) string {
	var out strings.Builder
	styles := []byte{'p'}
	for line := range strings.Lines(read) {
		line = strings.TrimSpace(line)
		for line = strings.TrimPrefix(line, "p"); line != ""; {
			if len(line) > 3 && line[0] == '{' && slices.Contains([]byte("bis"), line[1]) && line[2] == ' ' {
				styles = append(styles, line[1])
				line = line[3:]
				continue
			}
			for i, r := range line {
				if i > 0 {
					line = line[i:]
					break
				}
				if r == '}' {
					styles = styles[:len(styles)-1]
				} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
					out.WriteString(string(styles[len(styles)-1]) + string(r) + " ")
				}
				if len(string(r)) == len(line) {
					line = ""
				}
			}
		}
	}
	return out.String()
}
