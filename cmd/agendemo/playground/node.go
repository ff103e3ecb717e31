package playground

import "strings"

// node is an element of the page, or text if it has no tag. The page creates elements from nodes, never from HTML, and
// only those whose tags it knows.
type node struct {
	Tag  string            `json:"t,omitempty"`
	Text string            `json:"x,omitempty"`
	Kids []node            `json:"k,omitempty"`
	Attr map[string]string `json:"a,omitempty"`
}

func textNode(text string) node { return node{Text: text} }

func element(tag string, kids ...node) node { return node{Tag: tag, Kids: kids} }

// with returns a copy of the node with one more attribute.
func (n node) with(name, value string) node {
	attr := map[string]string{name: value}
	for k, v := range n.Attr {
		attr[k] = v
	}
	n.Attr = attr
	return n
}

// SessionURL is the bridge's AGEN_SESSION_URL, which cards link to. There is no Agen app here, so the page shows the
// session as the server has it.
const SessionURL = sessions + "{id}"

const sessions = "https://agen.example/sessions/"

// linkNode links to an address that is safe to open in a browser. For any other address it is just the text.
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

// lines returns text with line breaks as nodes.
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

// plain returns the text of the nodes.
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
