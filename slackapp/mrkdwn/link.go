package mrkdwn

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"

	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// schemes are what a link may begin with. Anything else between < and > is a mark of Slack's, or nothing.
var schemes = []string{"http://", "https://", "mailto:", "tel:", "ftp://"}

// link is a link with its words.
func link(target, label string) string {
	target = unescaped(target)
	label = strings.Join(strings.Fields(label), " ")
	url, ok := address(target)
	switch {
	case !ok && label == "":
		return escape(target)
	case !ok && (target == "" || target == label):
		return escape(label)
	case !ok:
		return escape(label + " (" + target + ")")
	case label == "" || label == target:
		return "<" + url + ">"
	}
	return "<" + url + "|" + escape(label) + ">"
}

// address is a target as Slack takes it, if it is one.
func address(target string) (string, bool) {
	for _, scheme := range schemes {
		if len(target) <= len(scheme) || !strings.EqualFold(target[:len(scheme)], scheme) {
			continue
		}
		url := unsafe.Replace(scheme + strings.Map(printable, target[len(scheme):]))
		if markdown.Neutralize(url) != url {
			url = strings.ReplaceAll(url, "@", "%40")
		}
		return url, true
	}
	return "", false
}

// unsafe writes what would end a link, or be read as something else in it.
var unsafe = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "`", "%60")

func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' {
		return -1
	}
	return r
}

// autoLink is an address that was written without words. To Markdown <std::vector> and <!subteam^S1|@team> look like
// one.
func (w *writer) autoLink(n *ast.AutoLink) string {
	label, target := string(n.Label(w.src)), string(n.URL(w.src))
	if n.AutoLinkType == ast.AutoLinkEmail {
		target = "mailto:" + strings.TrimPrefix(target, "mailto:")
	}
	_, ok := address(target)
	if ok && (n.AutoLinkType == ast.AutoLinkURL || !strings.ContainsAny(label, "!^|")) {
		return link(target, label)
	}
	if n.Protocol == nil {
		label = "<" + label + ">"
	}
	return escape(label)
}
