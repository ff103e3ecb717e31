package playground

import "github.com/agenbridge/agenbridge/slackapp/slacktest"

// richNodes renders the content of a rich_text block
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
func richNodes(elements []object, n names) []node {
	var all []node
	for _, e := range elements {
		inside := e.list("elements")
		switch e.word("type") {
		case "rich_text_list":
			all = append(all, listNode(e, n))
		case "rich_text_quote":
			all = append(all, element("blockquote", spanNodes(inside, n)...))
		case "rich_text_preformatted":
			all = append(all, element("pre", spanNodes(inside, n)...))
		default:
			all = append(all, element("div", spanNodes(inside, n)...))
		}
	}
	return all
}

func listNode(e object, n names) node {
	var items []node
	for _, item := range e.list("elements") {
		items = append(items, element("li", spanNodes(item.list("elements"), n)...))
	}
	if e.word("style") == "ordered" {
		return element("ol", items...)
	}
	return element("ul", items...)
}

func spanNodes(elements []object, n names) []node {
	var all []node
	for _, e := range elements {
		all = append(all, styled(spanNode(e, n), e.inner("style")))
	}
	return all
}

func spanNode(e object, n names) node {
	text := e.word("text")
	switch e.word("type") {
	case "user":
		return element("span", textNode("@"+n.user(e.word("user_id")))).with("class", "mention")
	case "channel":
		return element("span", textNode("#"+n.channel(e.word("channel_id")))).with("class", "mention")
	case "broadcast":
		return element("span", textNode("@"+e.word("range"))).with("class", "mention")
	case "emoji":
		return element("span", textNode(slacktest.Emoji(e.word("name")))).with("class", "emoji")
	case "link":
		url := e.word("url")
		if text == "" {
			text = url
		}
		if len(url) > len(dateScheme) && url[:len(dateScheme)] == dateScheme {
			return dateNode(url, text)
		}
		return linkNode(url, textNode(text))
	}
	if kids := lines(text); len(kids) != 1 {
		return element("span", kids...)
	}
	return textNode(text)
}

func styled(n node, style object) node {
	for _, s := range []struct{ name, tag string }{{"code", "code"}, {"strike", "s"}, {"italic", "i"}, {"bold", "b"}} {
		if on, _ := style[s.name].(bool); on {
			n = element(s.tag, n)
		}
	}
	return n
}
