package bridge

import (
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// maxCoalesced bounds how many messages of the agent are one post: each keeps
// a list of all of them.
const maxCoalesced = 20

// coalesce returns how many of the news, from the first on, are said in one
// post: messages of the agent that one read found side by side, that were not
// said before, and that fit. One that is anything else is alone.
func (p *Policy) coalesce(news []News) int {
	text := ""
	for i := range news {
		n := &news[i]
		words := ""
		if n.Event.Type == agen.EventAgentMessage && !n.again {
			words = n.markdown(p.postLimit())
		}
		text = joined(text, words)
		if words == "" || i == maxCoalesced || len(markdown.Split(text, p.postLimit())) > 1 {
			return max(i, 1)
		}
	}
	return len(news)
}

// markdown is what a message of the agent says, as it may stand in a thread; a
// fence that it leaves open is closed, so that it ends where it ends.
func (n *News) markdown(postLimit int) string {
	return strings.Join(markdown.Split(markdown.Neutralize(n.Event.Text()), postLimit), "\n\n")
}

func joined(texts ...string) string {
	full := slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	return strings.Join(full, "\n\n")
}

// relayCoalesced says several messages of the agent in one post, that of the
// first. Each of the others has a row that is done, so that it is known where
// its words stand when they change.
func (p *Policy) relayCoalesced(r *ThreadState, news []News, at Instant) {
	var events, texts []string
	for i := range news {
		events, texts = append(events, news[i].Event.ID), append(texts, news[i].markdown(p.postLimit()))
	}
	p.relayWords(r, events[0], joined(texts...), Post{With: events[1:]}, at)
	for _, id := range events {
		row := r.Posts[partKey(id, 0)]
		if row == nil {
			row = &PostRecord{Post: Post{Key: partKey(id, 0), Markdown: true}, Edition: 1, Shown: 1}
			row.Delivery = Delivery{State: StateDone, Accepted: at.Now, Settled: at.Now}
			r.Posts[row.Key] = row
		}
		row.Coalesced = events
		row.Touch()
	}
}

// relayChanged says again what the agent has changed. A post that has the words of
// several messages is changed when one read has found them all: until then
// they count as not seen, for their words are nowhere but in the timeline. One
// that isn't there any more is left out the second time. It reports false
// when it waits for that.
func (p *Policy) relayChanged(r *ThreadState, n News, all []News, at Instant) bool {
	var events []string
	if row := r.Posts[partKey(n.Event.ID, 0)]; row != nil {
		events = row.Coalesced
	}
	if len(events) == 0 {
		p.relayWords(r, n.Event.ID, n.Event.Text(), Post{}, at)
		return true
	}
	var texts []string
	for _, id := range events { // in the order in which they were first said
		if i := slices.IndexFunc(all, func(n News) bool { return n.again && n.Event.ID == id }); i >= 0 {
			texts = append(texts, all[i].markdown(p.postLimit()))
		}
	}
	if len(texts) < len(events) && !n.wanted {
		var wanted []mark
		for _, id := range events {
			wanted = append(wanted, mark{id: hash64([]byte(id)), state: unseen})
		}
		r.Thread.Seen = r.Thread.Seen.with(wanted)
		r.Thread.Touch()
		return false
	}
	p.relayWords(r, events[0], joined(texts...), Post{With: events[1:]}, at)
	return true
}
