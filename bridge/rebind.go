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
func (m *MessageRecord) isNew(at Instant) bool {
	return m.Root && !m.Backfilled && m.Accepted.Sub(m.writtenAt()) < freshFor && !m.writtenAt().Before(at.Restored)
}

// rebindByCard binds the thread to the session that our own card in it names: a
// process whose store was lost had opened it. A nil decision says that there is
// none.
func (r *Relay) rebindByCard(ctx context.Context, claim *Claim, m *MessageRecord) (Decision, error) {
	if claim.State.Thread.Session.Count > 0 || m.isNew(claim.At) {
		return nil, nil
	}
	posts, err := r.ownPosts(ctx, claim.Thread)
	if err != nil {
		return r.policy.authorized(m.ID(), r.policy.composeFailed(m.ID(), false, err)), err
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

// ownPosts reads our own posts in the thread. Where it can't be read there are
// none.
func (r *Relay) ownPosts(ctx context.Context, thread ThreadKey) ([]OwnPost, error) {
	posts, err := r.cfg.Slack.OwnPosts(ctx, thread)
	if errors.Is(err, ClassRejected) || errors.Is(err, ClassNotFound) {
		return nil, nil
	}
	return posts, err
}

// rebound binds the thread. What was sent and said before is not known, so the
// message is looked up before it is sent, and posts before they are made.
func (p *Policy) rebound(id, session string) Decision {
	return func(r *ThreadState, at Instant) error {
		t := &r.Thread
		if t.Unbound() { // its first message was taken back meanwhile
			return nil
		}
		t.Session = Session{ID: session, Count: 1, OpenedAt: at.Now, LastNews: at.Now}
		t.ReviewPending = true
		t.Touch()
		for _, m := range r.Messages {
			if m.State == StateReady && m.Command == "" {
				m.Backfilled = true
				m.Touch()
			}
		}
		if m := r.Messages[id]; m != nil {
			m.Authorized = true
			t.Session.Card.Asker = m.Author
		}
		r.audit("session bound again", id, session)
		p.lookUpNewPosts(r, at, func() { p.project(r, at) })
		return nil
	}
}

// reviewDue reports whether what stands in the thread of its session's timeline
// is not known.
func (t *Thread) reviewDue(at Instant) bool {
	return t.ReviewPending || !at.Restored.IsZero() && !t.Started.After(at.Restored) && !t.ReviewedAt.Equal(at.Restored)
}

// finishReview notes that it is known now.
func (t *Thread) finishReview(at Instant) {
	t.ReviewPending, t.ReviewedAt = false, at.Restored
	t.Touch()
}

// lookUpNewPosts does something, and has the posts that come of it looked up before
// they are made.
func (p *Policy) lookUpNewPosts(r *ThreadState, at Instant, do func()) {
	known := map[string]bool{}
	for key := range r.Posts {
		known[key] = true
	}
	do()
	for key, post := range r.Posts {
		if known[key] || post.State != StateReady || post.To != "" {
			continue
		}
		post.requireLookup(at)
		if r.Thread.ReviewPending { // whoever did it may have done it just now
			post.InFlightSince = at.Now
		}
		post.Touch()
	}
}

// review brings into the thread what of the news does not stand there yet. What
// does is noted as told, and where it stands. What our own messages are is known
// by their client ids, and a question after which somebody said something has
// been answered.
func (p *Policy) review(r *ThreadState, t TimelineRead, at Instant) (reread bool) {
	parts := r.adoptPosts(t.OwnPosts, at)
	var known []mark
	news := slices.DeleteFunc(slices.Clone(t.News), func(n News) bool {
		asked, dated := n.Event.Time()
		stands := n.Event.Type == agen.EventUserMessage && n.Event.ClientID != "" ||
			n.Event.Type == agen.EventAgentAskUser && dated && asked.Before(t.LastSaid) ||
			!n.again && parts[n.Event.ID] >= n.parts(p.postLimit())
		if stands {
			known = append(known, n.mark)
		}
		return stands
	})
	r.Thread.Seen = r.Thread.Seen.with(known)
	r.Thread.Touch()
	return p.relayAll(r, news, t.News, at)
}

// parts is how many posts the event leads to at least.
func (n *News) parts(postLimit int) int {
	if n.Event.Type == agen.EventAgentMessage {
		return max(1, len(markdown.Split(markdown.Neutralize(n.Event.Text()), postLimit)))
	}
	return 1
}

// adoptPosts makes rows of posts that stand in the thread and that are not known, so
// that they are changed and not made again, and returns how many there are of
// each event of the agent.
func (r *ThreadState) adoptPosts(posts []OwnPost, at Instant) map[string]int {
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
			row := &PostRecord{Post: Post{Key: key, Markdown: true, Session: post.Session}, Edition: 1, Shown: 1}
			row.Delivery = Delivery{State: StateDone, Accepted: at.Now, Settled: at.Now}
			if i == 0 {
				row.Receipt, row.With = post.TS, post.With
			}
			if len(events) > 1 {
				row.Coalesced = events
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
