package markdown

// lineKind is what a line is.
type lineKind uint8

const (
	kindBlank      lineKind = iota
	kindText                // a paragraph, or anything else without rules of its own
	kindIndented            // indented code
	kindHTML                // a line of an HTML block
	kindHeading             // also the underline of one
	kindRule                // a thematic break
	kindFenceStart          // the line that opens a fence
	kindCode                // a line in a fence
	kindFenceEnd            // the line that closes a fence
	kindDelimiter           // between the head of a table and its rows
	kindRow                 // a row of a table, below the delimiter
)

// fence is an open block of code. Its run of backticks or tildes is empty if there is none.
type fence struct {
	run    string
	indent int
	info   string
}

// table is a table whose delimiter was read. The delimiter is empty if there is none.
type table struct{ head, delimiter string }

// state is what a Markdown parser knows between two lines, as far as it matters for where a text may be cut
// (https://spec.commonmark.org/0.31.2/#phase-1-block-structure, https://github.github.com/gfm/#tables-extension-).
// It is a value: next leaves the one it is called on as it was.
type state struct {
	maxFence int // a longer fence isn't followed, since a part has no room for what closes it
	open     [maxDepth]container
	depth    int
	fence    fence
	table    table
	html     html
	// paragraph is whether one is open, so that the next line may continue it; lastLine is its last line.
	// oneLine is whether it has one line.
	paragraph, oneLine bool
	lastLine           string
	// emptyItem is whether the last line began a list item and had nothing else.
	emptyItem bool
	// last is the kind of the last line that wasn't blank, afterBlank is whether a blank one came after it.
	last       lineKind
	afterBlank bool
}

// lineFacts are what is known of one line.
type lineFacts struct {
	kind lineKind
	// matched is how many of the open containers the line is in.
	matched int
	// item and quote are whether it begins one.
	item, quote bool
	// content is the byte at which the line's own text begins, behind the marks of its containers.
	content int
	// continues is whether it continues the paragraph above it.
	continues bool
	// maybeBlock is whether it continues a paragraph or a table, and another parser may begin a block here.
	maybeBlock bool
	// blocks is how many rendered blocks begin on it at most, as countBlocks says.
	blocks int
	// minCut is the first byte at which the line may be cut without becoming something else.
	minCut int
	// underline is whether it makes a heading of the line above it.
	underline bool
	// longFence is whether it would open a fence, but for the length of its run.
	longFence bool
}

// suffix is what closes the open fence, empty if there is none.
func (s state) suffix() string {
	if s.fence.run == "" {
		return ""
	}
	return "\n" + linePrefix(s.open[:s.depth], true) + s.fence.run
}
