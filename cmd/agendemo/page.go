package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// width is the maximum number of columns of the output. An emoji takes two
// columns and is counted as one, so a few are kept free.
const width = 94

// page prints the output of the demo.
type page struct {
	w     io.Writer
	scene int
}

// title begins a scene.
func (p *page) title(text string) {
	p.scene++
	fmt.Fprintf(p.w, "\n%d. %s\n", p.scene, text)
}

// heading begins a section that is not a scene.
func (p *page) heading(text string) { fmt.Fprintf(p.w, "\n%s\n\n", text) }

// gap prints an empty line.
func (p *page) gap() { fmt.Fprintln(p.w) }

// note prints what the demo does.
func (p *page) note(text string) { p.wrapped("   ", text) }

// said prints what a person says.
func (p *page) said(who, text string) { p.wrapped(fmt.Sprintf("   %-5s ", who), text) }

// shown prints what people see of the bridge.
func (p *page) shown(text string) { p.wrapped("   → ", text) }

// quoted prints lines unchanged.
func (p *page) quoted(lines []string) {
	for _, l := range lines {
		p.wrapped("     │ ", l)
	}
}

// plain prints text whose lines have their own indentation.
func (p *page) plain(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		rest := strings.TrimLeft(line, " ")
		p.wrapped("   "+line[:len(line)-len(rest)], rest)
	}
}

// wrapped prints text after a prefix. Further lines are indented by the width
// of the prefix; if the prefix ends in a bar, so do they.
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

// wrap breaks text at spaces into lines of at most so many characters. A longer
// word gets a line of its own. It returns at least one line.
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
