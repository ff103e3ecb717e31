package bridge

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge/markdown"
)

// spareParts is how many parts more than now a message may have had before.
const spareParts = 40

// newsPerRead bounds what one read takes on; the rest follows at once.
const newsPerRead = 100

// News is an event that leads to something in the thread and that is new, or
// not what it was.
type News struct {
	Event agen.Event
	mark  mark
	// again: it was dealt with before, in another state; wanted: not for
	// itself, but because its words stand beside others that changed.
	again, wanted bool
}

// isShown reports whether events of the type lead to something in the thread.
func isShown(t agen.EventType) bool {
	switch t {
	case agen.EventAgentMessage, agen.EventAgentAskUser, agen.EventUserAskUserResponse, agen.EventSystemMessage, agen.EventAgentAlertCreated,
		agen.EventSessionClosed, agen.EventMergeRequestMerged, agen.EventMergeRequestClosed, agen.EventUserMessage:
		return true
	default:
		return false
	}
}

// addIfNew takes an event down if it is news. Messages of people are those
// that were typed elsewhere: ours are known by their ids.
func (t *TimelineReader) addIfNew(e *agen.RawEvent) {
	m := markOf(e)
	state, again := t.seen.state(m.id)
	if again && (state == m.state || e.Type() == agen.EventUserMessage) {
		return
	}
	if e.Type() == agen.EventUserMessage && isMessageID(string(e.ClientID())) {
		t.found.UnknownClientID = true
	}
	wanted := again && state == unseen
	if len(t.found.News) >= newsPerRead && !wanted { // those are wanted all at once
		t.found.More = true
		return
	}
	t.found.News = append(t.found.News, News{Event: e.Event(), mark: m, again: again, wanted: wanted})
}

// newestEvent keeps the last of many events without decoding the others. They may
// come in any order. A message that is dealt with is none of them: it becomes
// so after the agent's last step, and says nothing of what the agent does now.
type newestEvent struct{ raw, updated []byte }

func (n *newestEvent) keep(e *agen.RawEvent) {
	if e.Type() == agen.EventUserMessage && (e.Status() == agen.StatusCompleted || e.Status() == agen.StatusCanceled) {
		return
	}
	if updated := e.UpdatedAt(); n.raw == nil || !earlier(updated, n.updated) {
		n.raw, n.updated = append(n.raw[:0], e.Bytes()...), append(n.updated[:0], updated...)
	}
}

// workResultFields are the fields that tell of a branch, and of a merge request, and
// what is in the names of all of them: most events have neither.
var workResultFields = [...]struct {
	part []byte
	keys []string
}{{[]byte("branch"), branchKeys}, {[]byte("request_url"), requestKeys}}

// keepWorkResults keeps the event if it tells of a branch or of a merge request: any may,
// and later ones need not repeat it.
func (t *TimelineReader) keepWorkResults(e *agen.RawEvent) {
	payload := e.Payload()
	for i, fruit := range workResultFields {
		if bytes.Contains(payload, fruit.part) && slices.ContainsFunc(fruit.keys, func(key string) bool { return hasText(payload, key) }) {
			t.workResults[i].keep(e)
		}
	}
}

// hasText reports whether a JSON object has a text in a field of this name,
// without decoding it. Within a text quotes are escaped, so that what is said
// is not taken for a field.
func hasText(object []byte, field string) bool {
	for {
		_, rest, found := bytes.Cut(object, []byte(`"`+field+`"`))
		if !found {
			return false
		}
		object = rest
		value, isField := bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
		value = bytes.TrimLeft(value, " \t\r\n")
		if isField && len(value) > 1 && value[0] == '"' && value[1] != '"' {
			return true
		}
	}
}

// earlier compares timestamps: those of one shape as text, which is cheap, and
// others as times, for a fraction may end without its zeros.
func earlier(a, b []byte) bool {
	if len(a) != len(b) {
		x, ok := agen.ParseTime(string(a))
		y, too := agen.ParseTime(string(b))
		if ok && too {
			return x.Before(y)
		}
	}
	return bytes.Compare(a, b) < 0
}

// event returns the last one, nil when there was none.
func (n *newestEvent) event() *agen.Event {
	var e agen.Event
	if n.raw == nil || e.UnmarshalJSON(n.raw) != nil {
		return nil // none, or one that holds nothing to be shown
	}
	return &e
}

// restingPosts names the posts that the news may change: they rest, and the store
// loads them only when asked.
func (t *TimelineRead) restingPosts(postLimit int) []string {
	var ids []string
	for _, n := range t.News {
		if !n.again {
			continue
		}
		if n.Event.Type == agen.EventAgentAskUser {
			for i := range n.Event.Questions() {
				ids = append(ids, askKey(n.Event.ID, i))
			}
			continue
		}
		for part := range len(markdown.Split(n.Event.Text(), postLimit)) + spareParts {
			ids = append(ids, partKey(n.Event.ID, part))
		}
	}
	return ids
}

// sortNews puts the news in the order in which it came about, as far as its
// timestamps tell: a timeline may come in any.
func (t *TimelineReader) sortNews() {
	slices.SortStableFunc(t.found.News, func(a, b News) int {
		x, ok := a.Event.Time()
		y, too := b.Event.Time()
		if !ok || !too {
			return 0
		}
		return x.Compare(y)
	})
}

func partKey(event string, part int) string { return fmt.Sprintf("say:%s:%d", event, part) }

// relayAll brings news into the thread, some of all that a read found, and reports whether the timeline is to
// be read again at once. What leads to a post and what is noted as seen are one
// transaction.
func (p *Policy) relayAll(r *ThreadState, news, all []News, at Instant) (reread bool) {
	var told []mark
	for len(news) > 0 {
		n := p.coalesce(news)
		some, done := news[:n], true
		switch first := some[0]; {
		case n > 1:
			p.relayCoalesced(r, some, at)
		case first.again && first.Event.Type == agen.EventAgentMessage:
			done = p.relayChanged(r, first, all, at)
			reread = reread || !done
		default:
			done = p.relayEvent(r, first, at)
		}
		if done {
			for _, n := range some {
				told = append(told, n.mark)
			}
		}
		news = news[n:]
	}
	if len(told) > 0 {
		r.Thread.Seen = r.Thread.Seen.with(told)
		r.Thread.Touch()
	}
	return reread
}

// relayEvent brings one event into the thread, and reports whether it is dealt with.
func (p *Policy) relayEvent(r *ThreadState, n News, at Instant) bool {
	e := &n.Event
	switch e.Type {
	case agen.EventAgentMessage:
		p.relayWords(r, e.ID, e.Text(), Post{}, at)
	case agen.EventAgentAskUser:
		p.ask(r, e, n.again, at)
	case agen.EventUserAskUserResponse:
		p.answeredElsewhere(r, e, at)
	case agen.EventUserMessage:
		if e.ClientID == "" && r.inFlight() != nil {
			return false // it may be the one that is looked for, without its mark
		}
		if m, ok := e.UserMessage(); ok && p.Mirror {
			p.relayWords(r, e.ID, quote(m.Message), Post{Note: &Note{Kind: NoteMirrored}}, at)
		}
	case agen.EventSessionClosed:
		if !r.Thread.Session.Closed {
			p.sessionClosed(r, at)
		}
	default:
		r.Thread.Session.Card.applyResults(e)
		if e.Type == agen.EventMergeRequestMerged {
			r.Thread.Session.Card.Phase, r.Thread.Session.Card.Activity = PhaseMerged, Activity{}
		}
		if note := noteOf(e); note != nil {
			p.upsertPost(r, Post{Key: partKey(e.ID, 0), Note: note}, nil, at)
		}
	}
	return true
}

// noteOf is what people are told of an event of Agen's own; nil for nothing.
func noteOf(e *agen.Event) *Note {
	title := excerpt(cmp.Or(e.Lookup("title", "name"), e.Text()))
	switch e.Type {
	case agen.EventMergeRequestMerged:
		return &Note{Kind: NoteMerged, Title: title, URL: requestURL(e), Branch: e.Lookup("target_branch", "into", "base")}
	case agen.EventMergeRequestClosed:
		return &Note{Kind: NoteMergeRequestClosed, Title: title, URL: requestURL(e)}
	case agen.EventAgentAlertCreated, agen.EventSystemMessage:
		n := &Note{Kind: NoteSystem, Text: excerpt(e.Text())}
		if e.Type == agen.EventAgentAlertCreated {
			n.Kind = NoteAlert
		}
		if n.Text != "" {
			return n
		}
	default:
	}
	return nil
}

// quote is Markdown that quotes a text.
func quote(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ")
}

// updateCard shows the agent's work on the card.
func (p *Policy) updateCard(r *ThreadState, tell func(*Card)) {
	s := &r.Thread.Session
	card := s.Card
	tell(&card)
	if s.Closed || s.Card.Phase == PhaseMerged || card == s.Card {
		return
	}
	s.Card = card
	r.Thread.Touch()
}

// relayWords says what the agent said, in as many posts as it needs. When it
// changes, the posts change in place, part by part. The first one has what head
// has beside the words.
func (p *Policy) relayWords(r *ThreadState, event, text string, head Post, at Instant) {
	parts := markdown.Split(markdown.Neutralize(text), p.postLimit())
	for i, part := range parts {
		post := Post{}
		if i == 0 {
			post = head
		}
		post.Key, post.Text, post.Markdown = partKey(event, i), part, true
		p.upsertPost(r, post, nil, at)
	}
	for i := len(parts); r.Posts[partKey(event, i)] != nil; i++ {
		p.replacePost(r, partKey(event, i), &Note{Kind: NoteShortened}, at)
	}
}
