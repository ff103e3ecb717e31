package playground

import "strings"

// node is an element of the page, or text when it has no tag. The page makes elements of nodes, never of HTML, and
// only those whose tags it knows.
type node struct {
	Tag  string            `json:"t,omitempty"`
	Text string            `json:"x,omitempty"`
	Kids []node            `json:"k,omitempty"`
	Attr map[string]string `json:"a,omitempty"`
}

func textNode(text string) node { return node{Text: text} }

func element(tag string, kids ...node) node { return node{Tag: tag, Kids: kids} }

// with returns the node with an attribute more.
func (n node) with(name, value string) node {
	attr := map[string]string{name: value}
	for k, v := range n.Attr {
		attr[k] = v
	}
	n.Attr = attr
	return n
}

// SessionURL is where sessions are in the Agen app, for the bridge's AGEN_SESSION_URL: cards link there. There is no
// such app; the page shows what the server has instead.
const SessionURL = sessions + "{id}"

const sessions = "https://agen.example/sessions/"

// linkNode leads to an address that a browser may open from here; with any other it is the text alone.
func linkNode(url string, kids ...node) node {
	if id, ok := strings.CutPrefix(url, sessions); ok {
		return element("a", kids...).with("href", "/session/"+id)
	}
	for _, scheme := range []string{"https://", "http://", "mailto:"} {
		if strings.HasPrefix(strings.ToLower(url), scheme) {
			return element("a", kids...).with("href", url)
		}
	}
	return element("span", kids...)
}

// lines is text with its line breaks.
func lines(text string) []node {
	var all []node
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			all = append(all, element("br"))
		}
		if line != "" {
			all = append(all, textNode(line))
		}
	}
	return all
}

// plain is what the nodes say, without form.
func plain(nodes []node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.Text)
		b.WriteString(plain(n.Kids))
		switch n.Tag {
		case "p", "li", "br", "pre", "h3", "div":
			b.WriteString(" ")
		}
	}
	return b.String()
}
