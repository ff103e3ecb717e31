package content

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isTypedAddress reports whether Slack made the label a link because it looks like an address: <http://main.rs|main.rs>.
func isTypedAddress(address, label string) bool {
	_, rest, found := strings.Cut(address, ":")
	if !found {
		return false
	}
	rest = strings.TrimPrefix(rest, "//")
	if rest == label || strings.TrimSuffix(rest, "/") == label {
		return true
	}
	decoded, err := url.PathUnescape(rest)
	return err == nil && decoded == label
}

// URL makes an address one word: blanks in it are written as %20, other spaces and control characters removed.
func URL(address string) string {
	address = strings.Map(func(r rune) rune {
		if r != ' ' && (unicode.IsSpace(r) || unicode.IsControl(r)) {
			return -1
		}
		return r
	}, strings.TrimSpace(address))
	return strings.ReplaceAll(address, " ", "%20")
}

// plainAddress matches the addresses that parsers link without marks, whole.
var plainAddress = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+\.[a-z]+(?::[0-9]+)?(?:[/?#][A-Za-z0-9\-._~:/?#@!$&+,;=%]*)?$`)

// bareLink returns an address as a link without a label. alone says that spaces surround it.
func bareLink(address string, alone bool) string {
	last := address[len(address)-1]
	if alone && plainAddress.MatchString(address) && (last == '/' || last == '=' || isWord(rune(last))) {
		return address
	}
	if !hasScheme.MatchString(address) {
		return "[" + escapeLabel(address) + "](" + destination(address) + ")"
	}
	return "<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(address) + ">"
}

// hasScheme matches the addresses that may stand in <> (https://spec.commonmark.org/0.31.2/#autolinks).
var hasScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,31}:`)

// destination returns an address as the destination of a link with a label.
func destination(address string) string {
	address = strings.NewReplacer("<", "%3C", ">", "%3E", `\`, "%5C").Replace(address)
	address = reference.ReplaceAllString(address, `\$0`)
	if strings.ContainsAny(address, "()") {
		return "<" + address + ">"
	}
	return address
}

// reference matches what a parser takes for a character reference.
var reference = regexp.MustCompile(`&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);`)

// escapeLabel escapes what would end the label of a link, or be a mark in it.
func escapeLabel(label string) string {
	var out strings.Builder
	for i, r := range label {
		before, _ := utf8.DecodeLastRuneInString(label[:i])
		after, _ := utf8.DecodeRuneInString(label[i+utf8.RuneLen(r):])
		if strings.ContainsRune("\\[]`*<~", r) || r == '_' && !(isWord(before) && isWord(after)) ||
			r == '&' && reference.MatchString(label[i:]) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
