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

// Rebound binds the thread to a session that another process opened for it. What that
// process sent and posted is unknown, so messages are looked up before they are sent, and
// posts are looked up before they are made.
func (p *Policy) Rebound(id, session string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		t := &state.Thread
		if t.Unbound() { // its first message was deleted in the meantime
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

// lookUpNewPosts calls do, and marks the posts that do adds so that they are looked up
// before they are made.
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
		if state.Thread.ReviewPending { // another process may have made it a moment ago
			post.InFlightSince = at.Now
		}
		post.Touch()
	}
}

// review compares the timeline with the posts in the thread. It relays the events that
// the thread doesn't show yet. For the other events it records that they are shown, and
// by which post. Our own messages are recognized by their client ids. A question counts
// as answered if somebody wrote a message after it.
func (p *Policy) review(state *bridge.ThreadState, t timeline.Read, at bridge.Instant) (reread bool) {
	parts := adoptPosts(state, t.OwnPosts, at)
	var known []bridge.SeenEvent
	news := slices.DeleteFunc(slices.Clone(t.News), func(n timeline.News) bool {
		asked, dated := n.Event.Time()
		shown := n.Event.Type == agen.EventUserMessage && n.Event.ClientID != "" ||
			n.Event.Type == agen.EventAgentAskUser && dated && asked.Before(t.LastSaid) ||
			!n.Again && parts[n.Event.ID] >= partsOf(&n, p.PostChars())
		if shown {
			known = append(known, n.Mark)
		}
		return shown
	})
	state.Thread.Seen = state.Thread.Seen.With(known)
	state.Thread.Touch()
	return p.relayAll(state, news, t.News, at)
}

// partsOf returns the minimum number of posts that show the event.
func partsOf(n *timeline.News, postLimit int) int {
	if n.Event.Type == agen.EventAgentMessage {
		return max(1, len(markdown.Split(n.Event.Text(), postLimit)))
	}
	return 1
}

// adoptPosts adds records for posts that are in the thread but not in the store, so that
// they are updated instead of posted again. It returns the number of posts for each event
// of the agent.
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

// eventOf returns the id of the event that a post shows, from the key of the post.
func eventOf(key string) (event string, ok bool) {
	rest, ok := strings.CutPrefix(key, "say:")
	end := strings.LastIndexByte(rest, ':')
	if !ok || end < 0 {
		return "", false
	}
	return rest[:end], true
}
