package policy

import (
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// maxCoalesced is the maximum number of the agent's messages in one post. The record of
// each message lists all of them, so the records grow with this number.
const maxCoalesced = 20

// coalesce returns how many of the news, counted from the first, share one post. Messages
// of the agent share a post if they are adjacent in one read, are new, and fit. Any other
// event gets a post of its own.
func (p *Policy) coalesce(news []timeline.News) int {
	text := ""
	for i := range news {
		n := &news[i]
		words := ""
		if n.Event.Type == agen.EventAgentMessage && !n.Again {
			words = wordsOf(n, p.PostChars())
		}
		text = joined(text, words)
		if words == "" || i == maxCoalesced || len(markdown.Split(text, p.PostChars())) > 1 {
			return max(i, 1)
		}
	}
	return len(news)
}

// wordsOf returns the text of the agent's message as a post shows it. If the message
// leaves a code fence open, the fence is closed.
func wordsOf(n *timeline.News, postLimit int) string {
	return strings.Join(markdown.Split(n.Event.Text(), postLimit), "\n\n")
}

func joined(texts ...string) string {
	full := slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	return strings.Join(full, "\n\n")
}

// relayCoalesced shows several messages of the agent in the post of the first one. Each
// of the others gets a record in the state done, so that the post is found if that
// message changes.
func (p *Policy) relayCoalesced(state *bridge.ThreadState, news []timeline.News, at bridge.Instant) {
	var events, texts []string
	for i := range news {
		events, texts = append(events, news[i].Event.ID), append(texts, wordsOf(&news[i], p.PostChars()))
	}
	p.relayWords(state, events[0], joined(texts...), bridge.Post{With: events[1:]}, at)
	for _, id := range events {
		rec := state.Posts[partKey(id, 0)]
		if rec == nil {
			rec = &bridge.PostRecord{Post: bridge.Post{Key: partKey(id, 0), Markdown: true}, Edition: 1, Shown: 1}
			rec.Delivery = bridge.Delivery{State: bridge.StateDone, Accepted: at.Now, Settled: at.Now}
			state.Posts[rec.Key] = rec
		}
		rec.Coalesced = events
		rec.Touch()
	}
}

// relayChanged updates the post of a message that the agent changed. A post that shows
// several messages needs all of their texts, which are only in the timeline. If this read
// doesn't have all of them, they are marked as unseen so that the next read returns them,
// and relayChanged returns false. A message that the next read doesn't return either is
// left out.
func (p *Policy) relayChanged(state *bridge.ThreadState, n timeline.News, all []timeline.News, at bridge.Instant) bool {
	var events []string
	if rec := state.Posts[partKey(n.Event.ID, 0)]; rec != nil {
		events = rec.Coalesced
	}
	if len(events) == 0 {
		p.relayWords(state, n.Event.ID, n.Event.Text(), bridge.Post{}, at)
		return true
	}
	var texts []string
	for _, id := range events { // in the order in which they were first shown
		if i := slices.IndexFunc(all, func(n timeline.News) bool { return n.Again && n.Event.ID == id }); i >= 0 {
			texts = append(texts, wordsOf(&all[i], p.PostChars()))
		}
	}
	if len(texts) < len(events) && !n.Wanted {
		var wanted []bridge.SeenEvent
		for _, id := range events {
			wanted = append(wanted, bridge.SeenEvent{ID: bridge.Hash64([]byte(id)), State: bridge.Unseen})
		}
		state.Thread.Seen = state.Thread.Seen.With(wanted)
		state.Thread.Touch()
		return false
	}
	p.relayWords(state, events[0], joined(texts...), bridge.Post{With: events[1:]}, at)
	return true
}
