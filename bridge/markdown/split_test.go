package markdown

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// original is the text of the part as it stood in the text that was split, with the white space before it.
func (p part) original() string {
	var lines []string
	all := strings.Split(p.text, "\n")
	for i := 0; len(all) > 0; i++ {
		if p.blanks[i] != "" {
			all = all[1:]
		}
		lines, all = append(lines, all[0]), all[1:]
	}
	for i, m := range p.marks {
		lines[p.firstMark+i] = m.from + strings.TrimPrefix(lines[p.firstMark+i], m.to)
	}
	return p.gap + strings.Join(lines, "\n")
}

// checkSplit splits a text and checks what Split promises.
func checkSplit(t *testing.T, text string, limit int) []string {
	t.Helper()
	var joined strings.Builder
	var out []string
	for i, p := range split(text, limit) {
		joined.WriteString(p.original())
		whole := p.String()
		out = append(out, whole)
		if n := units(whole); n > limit || !utf8.ValidString(whole) {
			t.Fatalf("part %d: got %d units, want at most %d of valid UTF-8: %q", i, n, limit, whole)
		}
		if strings.Trim(p.gap, " \t\n>") != "" || strings.Trim(p.text, " \t\n") == "" {
			t.Fatalf("part %d: %q was left out, and it holds %q", i, p.gap, p.text)
		}
		st := state{maxFence: min(64, limit/16)}
		for line := range strings.SplitSeq(whole, "\n") {
			st, _ = st.next(line)
		}
		if st.fence.run != "" {
			t.Fatalf("part %d: its fence is open: %q", i, whole)
		}
	}
	end := ""
	if all := strings.TrimRight(clean(text), " \t\n"); strings.HasPrefix(all, joined.String()) && strings.Trim(all[joined.Len():], " \t\n>") == "" {
		end = all[joined.Len():] // empty quotes
	}
	if got, want := joined.String()+end, strings.TrimRight(clean(text), " \t\n"); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Fatalf("the parts aren't the text from byte %d on: got %.200q, want %.200q", at, got[at:], want[at:])
	}
	return out
}

// fill is words of n units.
func fill(n int) string { return strings.Repeat("word ", n/5) + strings.Repeat("x", n%5) }

func TestSplit(t *testing.T) {
	rows := strings.Repeat("| one | two |\n", 50)
	for _, tt := range []struct {
		name, text string
		// ends are what parts end with, begins what the parts after the first begin with.
		ends, begins []string
	}{
		{"nothing", "", nil, nil},
		{"white space", " \n\t\n ", nil, nil},
		{"short", "\n\n  text \n\n", []string{"  text"}, nil},
		{"an open fence is closed", "~~~go\nx", []string{"~~~go\nx\n~~~"}, nil},
		{"paragraphs", fill(300) + "\n\n" + fill(300), []string{"word", "word"}, []string{"word "}},
		{
			"a heading goes with its text", fill(300) + "\n\n# Heading\n\n" + fill(250) + "\n\nend",
			[]string{"word", "end"},
			[]string{"# Heading\n\nword"},
		},
		{
			"a heading underlined", fill(300) + "\n\nHeading\n---\n" + fill(250) + "\n\nend",
			[]string{"word", "end"},
			[]string{"Heading\n---\nword"},
		},
		{
			"list items", "- a " + fill(300) + "\n- b " + fill(300) + "\n  - c " + fill(100) + "\n- d",
			[]string{"word", "- d"},
			[]string{"- b word"},
		},
		{
			"nested items move left", "1. a\n   - b " + fill(300) + "\n   - c " + fill(300) + "\n     more\n2. d",
			[]string{"word", "2. d"},
			[]string{"- c word"},
		},
		{
			"a fence", "```go title\n" + strings.Repeat("code()\n", 100) + "```\nend",
			[]string{"code()\n```", "code()\n```\nend"},
			[]string{"```go title\ncode()"},
		},
		{
			"a fence in an item", "- a\n\n  ~~~~ sh\n" + strings.Repeat("  code()\n", 100) + "  ~~~~\n\n  more\n- b",
			[]string{"code()\n  ~~~~", "code()\n~~~~\n\nmore\n- b"},
			[]string{"~~~~sh\ncode()"},
		},
		{
			"a fence in a quote", "> - a\n>   ```sh\n" + strings.Repeat(">   code()\n", 80) + ">   ```",
			[]string{"code()\n>   ```", "> code()\n> ```"},
			[]string{"> ```sh\n> code()"},
		},
		{
			"items in quotes in items", "- a\n  > - b\n  >   ~~~\n" + strings.Repeat("  >   code()\n  >\n", 50) + "  >   ~~~\n  > c\n\n  d",
			[]string{"code()\n  >\n  >   ~~~", "> code()\n>\n> ~~~\n> c\n\nd"},
			[]string{"> ~~~\n> code()"},
		},
		{
			"tabs", "- a\n\n\t```\n" + strings.Repeat("\tcode()\n", 70) + "\t```\n\td\n\ne",
			[]string{"code()\n  ```", "  code()\n  ```\n  d\n\ne"},
			[]string{"  ```\n  code()"},
		},
		{
			"blank lines in code are kept", "```\n" + strings.Repeat("code()\n\n\n", 80) + "```",
			[]string{"code()\n\n\n```", "code()\n\n\n```"},
			[]string{"```\ncode()"},
		},
		{
			"a table", "| a | b |\n|---|:-:|\n" + rows + "| end | end |",
			[]string{"| one | two |", "| end | end |"},
			[]string{"| a | b |\n|---|:-:|\n| one | two |"},
		},
		{
			"a table in a quote", "> | a | b |\n> |---|---|\n" + strings.ReplaceAll(rows, "| one", "> | one") + "\nend",
			[]string{"> | one | two |", "end"},
			[]string{"> | a | b |\n> |---|---|\n> | one | two |"},
		},
		{
			"no block of code without code", "text\n```\n" + strings.Repeat("x", 600) + "\n```",
			[]string{"text", "x\n```", "x\n```"},
			[]string{"```\nxxx", "```\nxxx"},
		},
		{
			"indented code stays whole", fill(200) + "\n\n" + strings.Repeat("    code()\n", 35) + "\nend",
			[]string{"word", "end"},
			[]string{"    code()"},
		},
		{
			"a quote cut between its lines", strings.Repeat("> some words\n", 50),
			[]string{"words", "words"},
			[]string{"> some words\n> some"},
		},
		{
			"a quoted line that would begin something", strings.Repeat("> 2. some words\n", 40),
			[]string{"words", "words"},
			[]string{"> 2. some words\n> 2. some"},
		},
		{
			"the items after a cut in one", "1. " + fill(700) + "\n2. two\n3. three",
			[]string{"word", "\n\n2. two\n3. three"},
			[]string{"word"},
		},
		{
			"the items after a cut in one, in a quote", "> 1. " + fill(700) + "\n> 2. two",
			[]string{"word", "\n>\n> 2. two"},
			[]string{"> word"},
		},
		{
			"a rule after a cut in an item", "- " + fill(700) + "\n---\nend",
			[]string{"word", "\n\n---\nend"},
			[]string{"word"},
		},
		{
			"blocks", strings.Repeat("# Heading\n\nSome text.\n\n", 30),
			[]string{"Some text.", "Some text."},
			[]string{"# Heading\n"},
		},
		{"empty quotes before text", strings.Repeat(">\n\n", 60) + "> text", []string{"> text"}, nil},
		{"nothing but empty quotes", strings.Repeat("> >\n\n", 60), nil, nil},
		{
			"empty quotes between texts", strings.Repeat("a\n\n", 45) + strings.Repeat(">\n\n", 60) + "text\n\n>",
			[]string{"a", "text\n\n>"},
			[]string{"text"},
		},
		{
			"empty quotes after text", strings.Repeat("a\n\n", 45) + strings.Repeat(">\n\n", 60),
			[]string{"a"},
			nil,
		},
		{
			"rows are one block", strings.Repeat("Text.\n\n| a |\n|---|\n| b |\n| c |\n\n", 14),
			[]string{"| c |"},
			nil,
		},
		{"sentences", strings.Repeat("A short one. ", 50), []string{"one.", "one."}, []string{"A short"}},
		{"a quote goes on", "> " + fill(600), []string{"word", "word"}, []string{"> word"}},
		{
			"words that would begin something", strings.Repeat("- # 1. ", 100),
			[]string{"1.", "1."},
			[]string{wordJoiner + "- # 1."},
		},
		{
			"code spans stay whole", fill(480) + "`code span that is rather a long one` " + fill(100),
			[]string{"word", "word"},
			[]string{"`code span"},
		},
		{
			"a code span behind a long word", strings.Repeat("x", 300) + "`" + fill(400) + "`",
			[]string{"x", "word `"},
			[]string{"`word"},
		},
		{
			"a code span before a long word", "`" + fill(300) + "`" + strings.Repeat("x", 600),
			[]string{"x", "x"},
			[]string{"x"},
		},
		{
			"a code span of several lines", "Some more words before `code\n" + strings.Repeat("more code\n", 49) + "end` here",
			[]string{"before", "here"},
			[]string{"`code\nmore"},
		},
		{
			"a code span of several lines, behind a word", "words`code\n" + strings.Repeat("more code\n", 50) + "end`",
			[]string{"words", "end`"},
			[]string{"`code\nmore"},
		},
		{
			"links stay whole", fill(480) + "[words of a link](https://example.com/a (title words)) " + fill(100),
			[]string{"word", "word"},
			[]string{"[words of"},
		},
		{"no spaces", strings.Repeat("x", 600), []string{"x", "x"}, []string{"x"}},
		{"Chinese", strings.Repeat("这是一句话。", 100), []string{"话。", "话。"}, []string{"这是"}},
		{"emoji", strings.Repeat("👩🏽‍💻", 100), []string{"💻", "💻"}, []string{"👩🏽"}},
		{"flags", "x" + strings.Repeat("🇩🇪", 150), []string{"🇩🇪", "🇩🇪"}, []string{"🇩🇪"}},
		{"accents", "x" + strings.Repeat("e\u0301", 300), []string{"\u0301", "\u0301"}, []string{"e\u0301"}},
		{"broken UTF-8", "a\xff\xfeb", []string{"a\uFFFDb"}, nil},
		{"other line ends", "a\r\nb\rc\x00", []string{"a\nb\nc\uFFFD"}, nil},
		{
			"a fence too long to be one", "a\n" + strings.Repeat("`", 100) + "\nb",
			[]string{"a", "`\nb"},
			[]string{wordJoiner + "```"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := checkSplit(t, tt.text, MinLimit)
			if len(got) != len(tt.ends) {
				t.Fatalf("got %d parts, want %d: %q", len(got), len(tt.ends), got)
			}
			for i, p := range got {
				if !strings.HasSuffix(p, tt.ends[i]) {
					t.Errorf("part %d: got %q, want it to end with %q", i, p, tt.ends[i])
				}
				if i > 0 && !strings.HasPrefix(p, tt.begins[i-1]) {
					t.Errorf("part %d: got %q, want it to begin with %q", i, p, tt.begins[i-1])
				}
			}
		})
	}
}

func TestSplitNeverBelowTheLeastLimit(t *testing.T) {
	for _, limit := range []int{-1, 0, 1, MinLimit} {
		if got := Split(fill(900), limit); len(got) != 2 {
			t.Errorf("limit %d: got %d parts, want 2", limit, len(got))
		}
	}
}

// TestFencesByAnotherRule splits texts without quotes and lists, for which two lines of code tell whether a line is in a
// fence, and compares all the code and all the rest.
func TestFencesByAnotherRule(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 7))
		var text strings.Builder
		for i := range 40 + r.IntN(100) {
			if run := strings.Repeat(string("`~"[r.IntN(2)]), 3+r.IntN(3)); r.IntN(3) == 0 {
				fmt.Fprintf(&text, "%sgo\n%s%s\n", run, strings.Repeat(fmt.Sprintf("code %d\n", i), r.IntN(40)), run)
			}
			fmt.Fprintf(&text, "\ntext %d %s\n\n", i, fill(r.IntN(200)))
		}
		limit := MinLimit + r.IntN(3000)
		wantCode, wantText := byFence(t, text.String())
		var code, plain []string
		for _, p := range checkSplit(t, text.String(), limit) {
			c, x := byFence(t, p)
			code, plain = append(code, c...), append(plain, x...)
		}
		if !slices.Equal(code, wantCode) || !slices.Equal(plain, wantText) {
			t.Fatalf("seed %d, limit %d: the parts have other code or text than the whole", seed, limit)
		}
	}
}

// byFence sorts the words of a text into those in fences and the others, fences left out.
func byFence(t *testing.T, text string) (code, plain []string) {
	t.Helper()
	run := ""
	for line := range strings.SplitSeq(text, "\n") {
		mark := strings.TrimRight(line, "go")
		switch {
		case run == "" && (strings.HasPrefix(mark, "```") || strings.HasPrefix(mark, "~~~")):
			run = mark
		case run != "" && line == run:
			run = ""
		case run != "":
			code = append(code, strings.Fields(line)...)
		default:
			plain = append(plain, strings.Fields(line)...)
		}
	}
	if run != "" {
		t.Fatalf("a fence is open: %q", text)
	}
	return code, plain
}

func FuzzSplit(f *testing.F) {
	seeds(f, "*.md", uint16(0), uint16(40))
	f.Fuzz(func(t *testing.T, text string, limit, times uint16) {
		checkSplit(t, text, MinLimit+int(limit)%2000)
		if n := int(times) % 300; len(text)*n < 1<<15 {
			checkSplit(t, strings.Repeat(text, n), MinLimit)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	answer := "# Heading\n\n" + fill(300) + "\n\n- item\n  - inner\n\n    ```go\n" + strings.Repeat("    code()\n", 40) +
		"    ```\n\n| a | b |\n|---|---|\n" + strings.Repeat("| 1 | 2 |\n", 30) + "\n"
	for _, bb := range []struct {
		name, unit string
		limit      int
	}{
		{"answer", answer, 12_000},
		{"answer-512", answer, MinLimit},
		{"one-line", "word ", 12_000},
		{"one-line-512", "word ", MinLimit},
		{"blob-512", "x", MinLimit},
		{"backticks-512", "`", MinLimit},
		{"blank-512", " ", MinLimit},
		{"quotes-512", ">", MinLimit},
		{"items-512", "- ", MinLimit},
		{"lines-512", "\n>", MinLimit},
	} {
		text := strings.Repeat(bb.unit, 1<<20/len(bb.unit)) + "x"
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Split(text, bb.limit)
			}
		})
	}
}
