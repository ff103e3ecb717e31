package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// width is how many columns the output takes at most. Emoji take two where
// this counts one, so a few are kept free.
const width = 94

// page is what the demo prints.
type page struct {
	w     io.Writer
	scene int
}

// title opens a scene.
func (p *page) title(text string) {
	p.scene++
	fmt.Fprintf(p.w, "\n%d. %s\n", p.scene, text)
}

// heading opens what is no scene.
func (p *page) heading(text string) { fmt.Fprintf(p.w, "\n%s\n\n", text) }

// gap sets what follows apart.
func (p *page) gap() { fmt.Fprintln(p.w) }

// note says what the demo does.
func (p *page) note(text string) { p.wrapped("   ", text) }

// said shows what somebody says.
func (p *page) said(who, text string) { p.wrapped(fmt.Sprintf("   %-5s ", who), text) }

// shown shows what people see of the bridge.
func (p *page) shown(text string) { p.wrapped("   → ", text) }

// quoted shows something as it is, line by line.
func (p *page) quoted(lines []string) {
	for _, l := range lines {
		p.wrapped("     │ ", l)
	}
}

// plain shows text whose lines have their own indentation.
func (p *page) plain(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		rest := strings.TrimLeft(line, " ")
		p.wrapped("   "+line[:len(line)-len(rest)], rest)
	}
}

// wrapped prints text behind a mark. Further lines are indented as far; where
// the mark ends in a bar, so do they.
func (p *page) wrapped(mark, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(mark))
	if strings.HasSuffix(mark, "│ ") {
		indent = mark
	}
	for _, line := range wrap(text, width-utf8.RuneCountInString(mark)) {
		fmt.Fprintln(p.w, strings.TrimRight(mark+line, " "))
		mark = indent
	}
}

// wrap breaks text at spaces into lines of at most so many characters; a
// longer word has a line of its own. There is always a line.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(text, " ") {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
