package policy

import (
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// maxCoalesced bounds how many messages of the agent are one post: each keeps
// a list of all of them.
const maxCoalesced = 20

// coalesce returns how many of the news, from the first on, are said in one
// post: messages of the agent that one read found side by side, that were not
// said before, and that fit. One that is anything else is alone.
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

// markdown is what a message of the agent says, as it may stand in a thread; a
// fence that it leaves open is closed, so that it ends where it ends.
func wordsOf(n *timeline.News, postLimit int) string {
	return strings.Join(markdown.Split(n.Event.Text(), postLimit), "\n\n")
}

func joined(texts ...string) string {
	full := slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	return strings.Join(full, "\n\n")
}

// relayCoalesced says several messages of the agent in one post, that of the
// first. Each of the others has a row that is done, so that it is known where
// its words stand when they change.
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

// relayChanged says again what the agent has changed. A post that has the words of
// several messages is changed when one read has found them all: until then
// they count as not seen, for their words are nowhere but in the timeline. One
// that isn't there any more is left out the second time. It reports false
// when it waits for that.
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
	for _, id := range events { // in the order in which they were first said
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
