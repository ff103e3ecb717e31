package markdown

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// answer is an answer of an agent, and what of it people must see. The files of testdata/answers have many, each followed
// by a file "keeps" with lines such as "code: go test" for code that must be there, byte by byte; testdata/README.md
// lists them.
type answer struct {
	name, md string
	keeps    []string
}

// answers reads the answers of testdata.
func answers(t *testing.T) []answer {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "answers", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var out []answer
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		topic := strings.TrimSuffix(filepath.Base(name), ".txtar")
		for pair := range slices.Chunk(archive.Files, 2) {
			keeps := strings.Split(strings.TrimSuffix(string(pair[1].Data), "\n"), "\n")
			out = append(out, answer{topic + ": " + pair[0].Name, expand(t, string(pair[0].Data)), keeps})
		}
	}
	if len(out) < 120 {
		t.Fatalf("got %d answers, want 120 at least", len(out))
	}
	return out
}

var longText = regexp.MustCompile(`%long (\d+) (.*)`)

// expand writes an answer in full: "%repeat 9 …" repeats the rest of its line, in which {n} is the number of the copy and
// ⏎ a line end, "%long 900 …" repeats the rest of its line up to that length, and "%crlf" makes Windows line ends.
func expand(t *testing.T, source string) string {
	t.Helper()
	source, crlf := strings.CutPrefix(source, "%crlf\n")
	var out strings.Builder
	for line := range strings.SplitAfterSeq(source, "\n") {
		times := 1
		if rest, ok := strings.CutPrefix(line, "%repeat "); ok {
			number, what, _ := strings.Cut(rest, " ")
			var err error
			if times, err = strconv.Atoi(number); err != nil {
				t.Fatal(err)
			}
			line = strings.ReplaceAll(what, "⏎", "\n")
		}
		for n := range times {
			out.WriteString(strings.ReplaceAll(line, "{n}", strconv.Itoa(n+1)))
		}
	}
	md := longText.ReplaceAllStringFunc(out.String(), func(s string) string {
		m := longText.FindStringSubmatch(s)
		size, _ := strconv.Atoi(m[1])
		if strings.Contains(m[2], " ") {
			m[2] += " "
		}
		return strings.TrimSuffix(strings.Repeat(m[2], size/len(m[2])+1), " ")
	})
	if crlf {
		md = strings.ReplaceAll(md, "\n", "\r\n")
	}
	return md
}

// TestAnswersArriveWhole splits the answers and compares what goldmark reads in the parts with what it reads in the whole.
func TestAnswersArriveWhole(t *testing.T) {
	for _, a := range answers(t) {
		t.Run(a.name, func(t *testing.T) {
			for _, limit := range []int{1000, 2500, 11_500} {
				parts := Split(a.md, limit)
				want, got := meaningOf(t, neutralize(clean(a.md))), meaningOf(t, parts...)
				code := meaningOf(t, clean(a.md))
				want["code"], want["spans"] = code["code"], code["spans"] // code is as it was, also where it mentions
				want["shown"] = got["shown"]                              // some more WORD JOINERs are where a text was cut
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("the meaning in %d parts of %d characters (-want +got):\n%s", len(parts), limit, diff)
				}
				for i, p := range parts {
					checkNeutral(t, p)
					if n := len(utf16.Encode([]rune(p))); n > limit || neutralize(p) != p {
						t.Errorf("part %d has %d characters, or notifies", i, n)
					}
					if r, _ := utf8.DecodeRuneInString(p); unicode.In(r, unicode.M, unicode.Cf) && r != '\u2060' {
						t.Errorf("part %d begins within a character", i)
					}
					if m := meaningOf(t, p); m["text"] == "" && m["code"] == "" && m["rules"] == "" {
						t.Errorf("part %d is empty: %q", i, p)
					}
				}
				checkKeeps(t, a.keeps, got, parts, limit)
			}
		})
	}
}

func checkKeeps(t *testing.T, keeps []string, got map[string]string, parts []string, limit int) {
	t.Helper()
	for _, k := range keeps {
		kind, want, _ := strings.Cut(k, ": ")
		have := got[kind+"s"]
		switch kind {
		case "posts":
			if limit == 11_500 && want != strconv.Itoa(len(parts)) {
				t.Errorf("got %d posts, want %s", len(parts), want)
			}
			continue
		case "begin":
			for i, p := range parts {
				if i > 0 && !strings.HasPrefix(strings.ReplaceAll(p, wordJoiner, "¦"), want) {
					t.Errorf("limit %d: part %d begins with %.80q, want %q", limit, i, p, want)
				}
			}
			continue
		case "text":
			have = strings.ReplaceAll(got["shown"], wordJoiner, "¦")
			want = strings.Join(strings.Fields(want), "")
		case "code":
			have = got["code"] + got["spans"]
		}
		if !strings.Contains(have, want) {
			t.Errorf("limit %d: got %.300q, want %q in its %s", limit, have, want, kind)
		}
	}
}

// meaning collects what people see of some documents that follow each other.
type meaning struct {
	src []byte
	out map[string]string
	// head is the head of the table that the last document ends with.
	head string
	// info is the info string of the last block of code.
	info string
}

// meaningOf is what goldmark reads in documents, by kind. A table's head that is repeated at the beginning of a document
// counts once, and so does a block of code that is cut.
func meaningOf(t *testing.T, docs ...string) map[string]string {
	t.Helper()
	m := meaning{out: map[string]string{"code": "", "spans": ""}}
	for i, md := range docs {
		m.src = []byte(md)
		root := goldmarkParser.Parse(text.NewReader(m.src))
		m.blocks(root, i > 0, false)
		m.head = ""
		if last := deepest(root, ast.Node.LastChild); last.Kind() == east.KindTable {
			m.head = m.inline(last.FirstChild())
		}
	}
	m.out["shown"] = strings.Join(strings.Fields(m.out["text"]), "")
	for _, kind := range []string{"text", "quoted"} {
		m.out[kind] = strings.ReplaceAll(strings.Join(strings.Fields(m.out[kind]), ""), wordJoiner, "")
	}
	if longest := slices.MaxFunc(strings.Split(m.out["code"], "\n"), func(a, b string) int { return len(a) - len(b) }); len(longest) > 300 {
		m.out["code"] = strings.ReplaceAll(m.out["code"], "\n", "")
	}
	return m.out
}

// deepest is the first or the last block in a tree that isn't a list or a quote.
func deepest(n ast.Node, next func(ast.Node) ast.Node) ast.Node {
	for {
		switch child := next(n); {
		case child == nil || n.Kind() == east.KindTable || n.Type() == ast.TypeInline:
			return n
		default:
			n = child
		}
	}
}

func (m *meaning) add(kind, format string, values ...any) {
	m.out[kind] += fmt.Sprintf(format, values...)
}

// blocks reads the blocks in a node. begins is whether they are at the beginning of a document after the first.
func (m *meaning) blocks(parent ast.Node, begins, quoted bool) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		m.block(n, begins && n == parent.FirstChild(), quoted)
	}
}

func (m *meaning) block(n ast.Node, begins, quoted bool) {
	switch n := n.(type) {
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		m.add("code", "%s", n.Lines().Value(m.src))
		if n.Lines().Len() == 0 {
			m.add("empty", "code\n")
		}
		info := ""
		if f, ok := n.(*ast.FencedCodeBlock); ok && f.Info != nil {
			info = string(f.Info.Value(m.src))
		}
		if info != m.info {
			m.info = info
			m.add("infos", "%s\n", info)
		}
	case *ast.HTMLBlock:
		m.words(string(n.Lines().Value(m.src)), quoted)
	case *ast.ThematicBreak:
		m.add("rules", "-")
	case *ast.Heading:
		m.add("headings", "%d %s\n", n.Level, m.inline(n))
		m.words(m.inline(n), quoted)
	case *ast.Blockquote:
		m.blocks(n, begins, true)
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			first, _, _ := strings.Cut(m.inlineOf(item.FirstChild()), "\n")
			m.add("items", "%c %d %.40s\n", n.Marker, number, strings.TrimSpace(first))
			if number > 0 {
				number++
			}
			m.blocks(item, false, quoted)
		}
	case *east.Table:
		if n.ChildCount() == 1 {
			m.add("empty", "table\n")
		}
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			if begins && row == n.FirstChild() && m.inline(row) == m.head {
				continue
			}
			m.add("rows", "%s\n", m.inline(row))
			m.words(m.inline(row), quoted)
			m.marks(row)
		}
		return
	case *ast.LinkReferenceDefinition:
	default:
		m.words(m.inline(n), quoted)
	}
	m.marks(n)
}

func (m *meaning) words(s string, quoted bool) {
	m.add("text", "%s\n", s)
	if quoted {
		m.add("quoted", "%s\n", s)
	}
}

// marks notes the code spans, links and tasks in a block.
func (m *meaning) marks(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.CodeSpan:
			m.add("spans", "%s\n", m.inline(c))
		case *ast.Link:
			m.add("links", "%s -> %s\n", m.inline(c), c.Destination)
		case *ast.Image:
			m.add("links", "%s -> %s\n", m.inline(c), c.Destination)
		case *ast.AutoLink:
			m.add("links", "%s -> %s\n", c.Label(m.src), c.URL(m.src))
		case *ast.Emphasis:
			m.add("emphases", "%d %s\n", c.Level, m.inline(c))
		case *east.TaskCheckBox:
			m.add("tasks", "%s %s\n", map[bool]string{true: "x", false: "-"}[c.IsChecked], strings.TrimSpace(m.inline(n)))
		}
		if c.Type() == ast.TypeInline || c.Kind() == east.KindTableCell {
			m.marks(c)
		}
	}
}

func (m *meaning) inlineOf(n ast.Node) string {
	if n == nil || n.Type() != ast.TypeBlock || n.Kind() == ast.KindList || n.Kind() == ast.KindBlockquote {
		return ""
	}
	return m.inline(n)
}

// inline is the text in a node.
func (m *meaning) inline(n ast.Node) string {
	var out bytes.Buffer
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := string(c.Value(m.src))
			if !c.IsRaw() {
				value = unescape(value)
			}
			out.WriteString(value)
			if c.SoftLineBreak() || c.HardLineBreak() {
				out.WriteString("\n")
			}
		case *ast.AutoLink:
			out.Write(c.Label(m.src))
		case *ast.RawHTML:
			out.Write(c.Segments.Value(m.src))
		case *east.TableCell:
			if out.Len() > 0 {
				out.WriteString(" | ")
			}
			out.WriteString(m.inline(c))
		default:
			out.WriteString(m.inline(c))
		}
	}
	return out.String()
}

var escaped = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

// unescape removes the backslashes before punctuation, and the entities that the answers use.
func unescape(s string) string {
	s = escaped.ReplaceAllString(s, "$1")
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(s)
}
