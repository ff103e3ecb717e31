package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// freshFor is how long after it was written the first message of a thread can
// only be the first: nothing stands below it.
const freshFor = time.Minute

// isNew reports whether nobody can have opened a session for the message: it
// came as soon as it was written, and whoever used the store before an old copy
// of it was put back did not live to see it.
func (m *MessageRow) isNew(at Moment) bool {
	return m.Root && !m.Swept && m.Accepted.Sub(m.written()) < freshFor && !m.written().Before(at.Restored)
}

// rebind binds the thread to the session that our own card in it names: a
// process whose store was lost had opened it. A nil decision says that there is
// none.
func (r *Relay) rebind(ctx context.Context, claim *Claim, m *MessageRow) (Decide, error) {
	if claim.Rows.Thread.Session.Count > 0 || m.isNew(claim.At) {
		return nil, nil
	}
	posts, err := r.standing(ctx, claim.Thread)
	if err != nil {
		return r.policy.vetted(m.ID(), r.policy.unready(m.ID(), false, err)), err
	}
	session := ""
	for _, post := range posts {
		if strings.HasPrefix(post.Key, CardKey) {
			session = post.Session
		}
	}
	if session == "" {
		return nil, nil
	}
	return r.policy.rebound(m.ID(), session), nil
}

// standing reads our own posts in the thread. Where it can't be read there are
// none.
func (r *Relay) standing(ctx context.Context, thread ThreadKey) ([]Standing, error) {
	posts, err := r.cfg.Slack.Standing(ctx, thread)
	if errors.Is(err, Rejected) || errors.Is(err, Missing) {
		return nil, nil
	}
	return posts, err
}

// rebound binds the thread. What was sent and said before is not known, so the
// message is looked up before it is sent, and posts before they are made.
func (p *Policy) rebound(id, session string) Decide {
	return func(r *Rows, at Moment) error {
		t := &r.Thread
		if t.Vacant() { // its first message was taken back meanwhile
			return nil
		}
		t.Session = Session{ID: session, Count: 1, Opened: at.Now, News: at.Now}
		t.Review = true
		t.Touch()
		for _, m := range r.Messages {
			if m.State == Ready && m.Command == "" {
				m.Swept = true
				m.Touch()
			}
		}
		if m := r.Messages[id]; m != nil {
			m.Vetted = true
			t.Session.Card.Asker = m.Author
		}
		r.act("session bound again", id, session)
		p.doubting(r, at, func() { p.project(r, at) })
		return nil
	}
}

// reviewing reports whether what stands in the thread of its session's timeline
// is not known.
func (t *Thread) reviewing(at Moment) bool {
	return t.Review || !at.Restored.IsZero() && !t.Started.After(at.Restored) && !t.Reviewed.Equal(at.Restored)
}

// reviewed notes that it is known now.
func (t *Thread) reviewed(at Moment) {
	t.Review, t.Reviewed = false, at.Restored
	t.Touch()
}

// doubting does something, and has the posts that come of it looked up before
// they are made.
func (p *Policy) doubting(r *Rows, at Moment, do func()) {
	known := map[string]bool{}
	for key := range r.Posts {
		known[key] = true
	}
	do()
	for key, post := range r.Posts {
		if known[key] || post.State != Ready || post.To != "" {
			continue
		}
		post.prove(at)
		if r.Thread.Review { // whoever did it may have done it just now
			post.BegunAt = at.Now
		}
		post.Touch()
	}
}

// review brings into the thread what of the news does not stand there yet. What
// does is noted as told, and where it stands. What our own messages are is known
// by their client ids, and a question after which somebody said something has
// been answered.
func (p *Policy) review(r *Rows, t Timeline, at Moment) (reread bool) {
	parts := r.adopt(t.Standing, at)
	var known []mark
	news := slices.DeleteFunc(slices.Clone(t.News), func(n News) bool {
		asked, dated := n.Event.Time()
		stands := n.Event.Type == agen.EventUserMessage && n.Event.ClientID != "" ||
			n.Event.Type == agen.EventAgentAskUser && dated && asked.Before(t.Said) ||
			!n.again && parts[n.Event.ID] >= n.parts()
		if stands {
			known = append(known, n.mark)
		}
		return stands
	})
	r.Thread.Seen = r.Thread.Seen.with(known)
	r.Thread.Touch()
	return p.tellAll(r, news, t.News, at)
}

// parts is how many posts the event leads to at least.
func (n *News) parts() int {
	if n.Event.Type == agen.EventAgentMessage {
		return max(1, len(markdown.Split(markdown.Neutralize(n.Event.Text()), postLimit)))
	}
	return 1
}

// adopt makes rows of posts that stand in the thread and that are not known, so
// that they are changed and not made again, and returns how many there are of
// each event of the agent.
func (r *Rows) adopt(posts []Standing, at Moment) map[string]int {
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
			if r.Posts[key] != nil {
				continue
			}
			row := &PostRow{Post: Post{Key: key, Markdown: true, Session: post.Session}, Edition: 1, Shown: 1}
			row.Delivery = Delivery{State: Done, Accepted: at.Now, Settled: at.Now}
			if i == 0 {
				row.Receipt, row.With = post.TS, post.With
			}
			if len(events) > 1 {
				row.Together = events
			}
			row.Touch()
			r.Posts[key] = row
		}
	}
	return parts
}

// eventOf returns the event whose words a post says, by its key.
func eventOf(key string) (event string, ok bool) {
	rest, ok := strings.CutPrefix(key, "say:")
	end := strings.LastIndexByte(rest, ':')
	if !ok || end < 0 {
		return "", false
	}
	return rest[:end], true
}
