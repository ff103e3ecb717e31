package markdown

import (
	"regexp"
	"strings"
)

// html is the kind of HTML block that is open, by what ends it (https://spec.commonmark.org/0.31.2/#html-blocks).
type html uint8

const (
	htmlNone html = iota
	htmlRaw       // <script>, <pre>, <style>, <textarea>: their end tag
	htmlComment
	htmlInstruction
	htmlDeclaration
	htmlCharacters // CDATA
	htmlTag        // a blank line
)

// htmlEnd finds what ends a block, except for a blank line.
var htmlEnd = [...]*regexp.Regexp{
	htmlRaw:         regexp.MustCompile(`(?i)</(script|pre|style|textarea)>`),
	htmlComment:     regexp.MustCompile(`-->`),
	htmlInstruction: regexp.MustCompile(`\?>`),
	htmlDeclaration: regexp.MustCompile(`>`),
	htmlCharacters:  regexp.MustCompile(`\]\]>`),
}

const (
	htmlAttribute = `[ \t\n]+[a-zA-Z_:][a-zA-Z0-9_.:-]*([ \t\n]*=[ \t\n]*([^ \t\n"'=<>` + "`" + `]+|'[^']*'|"[^"]*"))?`
	htmlOpenTag   = `<[a-zA-Z][a-zA-Z0-9-]*(` + htmlAttribute + `)*[ \t\n]*/?>`
	htmlCloseTag  = `</[a-zA-Z][a-zA-Z0-9-]*[ \t\n]*>`
)

var (
	rawStart   = regexp.MustCompile(`^(?i)<(script|pre|style|textarea)([ \t>]|$)`)
	blockStart = regexp.MustCompile(`^(?i)</?(address|article|aside|base|basefont|blockquote|body|caption|center|col|` +
		`colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|` +
		`head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|` +
		`section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)([ \t]|/?>|$)`)
	rawTag   = regexp.MustCompile(`^(?i)</?(script|pre|style|textarea)[^a-z0-9-]`)
	tagAlone = regexp.MustCompile(`^(` + htmlOpenTag + `|` + htmlCloseTag + `)[ \t]*$`)
	// inlineTag finds a tag or an address in angle brackets
	// (https://spec.commonmark.org/0.31.2/#autolinks, https://spec.commonmark.org/0.31.2/#raw-html).
	inlineTag = regexp.MustCompile(`^(` + htmlOpenTag + `|` + htmlCloseTag + `|<[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\x00-\x20<>]*>|` +
		`<[a-zA-Z0-9.!#$%&'*+/=?^_` + "`" + `{|}~-]+@[a-zA-Z0-9.-]+>)`)
)

// htmlStart is the kind of the HTML block that a line begins. A mention isn't HTML: it is neutralized.
func htmlStart(rest string, interrupts bool) html {
	switch {
	case rest == "" || rest[0] != '<':
		return htmlNone
	case rawStart.MatchString(rest):
		return htmlRaw
	case strings.HasPrefix(rest, "<!--"):
		return htmlComment
	case strings.HasPrefix(rest, "<?"):
		return htmlInstruction
	case strings.HasPrefix(rest, "<![CDATA["):
		return htmlCharacters
	case len(rest) > 2 && rest[1] == '!' && isLetter(rest[2]) && !mentions(rest, 1):
		return htmlDeclaration
	case blockStart.MatchString(rest), !interrupts && !rawTag.MatchString(rest) && tagAlone.MatchString(rest):
		return htmlTag
	}
	return htmlNone
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
