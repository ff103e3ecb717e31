package policy

import (
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/markdown"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// Rebound binds the thread to a session that another process opened for it. It is
// unknown what was sent and posted before, so messages are looked up before they are
// sent, and posts before they are made.
func (p *Policy) Rebound(id, session string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		t := &state.Thread
		if t.Unbound() { // its first message was deleted meanwhile
			return nil
		}
		t.Session = bridge.Session{ID: session, Count: 1, OpenedAt: at.Now, LastNews: at.Now}
		t.ReviewPending = true
		t.Touch()
		for _, m := range state.Messages {
			if m.State == bridge.StateReady && m.Command == "" {
				m.Backfilled = true
				m.Touch()
			}
		}
		if m := state.Messages[id]; m != nil {
			m.Authorized = true
			t.Session.Card.Asker = m.Author
		}
		record.Audit(state, bridge.AuditEvent{Event: "session_rebound", Record: id, Session: session})
		p.lookUpNewPosts(state, at, func() { p.Apply(state, at) })
		return nil
	}
}

// lookUpNewPosts calls do, and has the posts that do adds looked up before they are
// made.
func (p *Policy) lookUpNewPosts(state *bridge.ThreadState, at bridge.Instant, do func()) {
	known := map[string]bool{}
	for key := range state.Posts {
		known[key] = true
	}
	do()
	for key, post := range state.Posts {
		if known[key] || post.State != bridge.StateReady || post.To != "" {
			continue
		}
		record.RequireLookup(&post.Delivery, at)
		if state.Thread.ReviewPending { // another process may have made it just now
			post.InFlightSince = at.Now
		}
		post.Touch()
	}
}

// review relays the news that the thread doesn't show yet. For the others it records
// that they are shown, and by which post. Our own messages are recognized by their
// client ids. A question after which somebody wrote something counts as answered.
func (p *Policy) review(state *bridge.ThreadState, t timeline.Read, at bridge.Instant) (reread bool) {
	parts := adoptPosts(state, t.OwnPosts, at)
	var known []bridge.SeenEvent
	news := slices.DeleteFunc(slices.Clone(t.News), func(n timeline.News) bool {
		asked, dated := n.Event.Time()
		stands := n.Event.Type == agen.EventUserMessage && n.Event.ClientID != "" ||
			n.Event.Type == agen.EventAgentAskUser && dated && asked.Before(t.LastSaid) ||
			!n.Again && parts[n.Event.ID] >= partsOf(&n, p.PostChars())
		if stands {
			known = append(known, n.Mark)
		}
		return stands
	})
	state.Thread.Seen = state.Thread.Seen.With(known)
	state.Thread.Touch()
	return p.relayAll(state, news, t.News, at)
}

// partsOf returns the least number of posts that show the event.
func partsOf(n *timeline.News, postLimit int) int {
	if n.Event.Type == agen.EventAgentMessage {
		return max(1, len(markdown.Split(n.Event.Text(), postLimit)))
	}
	return 1
}

// adoptPosts makes records of posts that are in the thread and unknown to the store, so
// that they are updated and not made again. It returns how many there are for each
// event of the agent.
func adoptPosts(state *bridge.ThreadState, posts []bridge.OwnPost, at bridge.Instant) map[string]int {
	parts := map[string]int{}
	for _, post := range posts {
		event, isWords := eventOf(post.Key)
		if !isWords {
			continue
		}
		parts[event]++
		events := append([]string{event}, post.With...)
		for i, id := range events {
			key := post.Key
			if i > 0 {
				key, parts[id] = partKey(id, 0), parts[id]+1
			}
			if state.Posts[key] != nil {
				continue
			}
			rec := &bridge.PostRecord{Post: bridge.Post{Key: key, Markdown: true, Session: post.Session}, Edition: 1, Shown: 1}
			rec.Delivery = bridge.Delivery{State: bridge.StateDone, Accepted: at.Now, Settled: at.Now}
			if i == 0 {
				rec.Receipt, rec.With = post.TS, post.With
			}
			if len(events) > 1 {
				rec.Coalesced = events
			}
			rec.Touch()
			state.Posts[key] = rec
		}
	}
	return parts
}

// eventOf returns the event that a post shows, from its key.
func eventOf(key string) (event string, ok bool) {
	rest, ok := strings.CutPrefix(key, "say:")
	end := strings.LastIndexByte(rest, ':')
	if !ok || end < 0 {
		return "", false
	}
	return rest[:end], true
}
