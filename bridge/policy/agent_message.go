package policy

import (
	"fmt"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// spareParts is how many more parts an earlier version of a message may have had.
const spareParts = 40

// maxPlainParts is the maximum number of plain-text posts that one part may have become.
const maxPlainParts = 16

// RestingPosts returns the keys of the posts that the news may change. The store keeps
// these posts at rest, so it loads them only on request.
func RestingPosts(t *timeline.Read, postLimit int) []string {
	var ids []string
	for _, n := range t.News {
		if !n.Again {
			continue
		}
		if n.Event.Type == agen.EventAgentAskUser {
			for i := range n.Event.Questions() {
				ids = append(ids, askKey(n.Event.ID, i))
			}
			continue
		}
		for part := range len(markdown.Split(n.Event.Text(), postLimit)) + spareParts {
			for i := range maxPlainParts {
				ids = append(ids, project.PlainKey(partKey(n.Event.ID, part), i))
			}
		}
	}
	return ids
}

func partKey(event string, part int) string { return fmt.Sprintf("say:%s:%d", event, part) }

// relayWords shows a message of the agent in as many posts as it needs. If the message
// has changed, the existing posts are updated in place, part by part. head contains the
// fields of the first post other than its text.
func (p *Policy) relayWords(state *bridge.ThreadState, event, text string, head bridge.Post, at bridge.Instant) {
	parts := markdown.Split(text, p.PostChars())
	for i, part := range parts {
		post := bridge.Post{}
		if i == 0 {
			post = head
		}
		post.Key, post.Text, post.Markdown = partKey(event, i), part, true
		p.UpsertWords(state, post, at)
	}
	for i := len(parts); state.Posts[partKey(event, i)] != nil; i++ {
		p.Shorten(state, partKey(event, i), 0, at)
	}
}
