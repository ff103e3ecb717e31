package bridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
)

// weather is what becomes of one call.
type weather int

const (
	fine      weather = iota
	refused           // certainly without effect, try again
	limited           // 429
	lostLate          // the answer is lost; the effect comes within the minute, or not at all
	lostAfter         // the answer is lost, the effect is there
)

func (s *sim) weather() weather {
	if s.calm {
		return fine
	}
	switch s.rnd.IntN(10) {
	case 0:
		return refused
	case 1:
		return limited
	case 2:
		return lostLate
	case 3:
		return lostAfter
	default:
		return fine
	}
}

// later has an effect come about within the minute that counts.
type later struct {
	at time.Time
	do func()
}

func (s *sim) soon() time.Time { return s.now.Add(time.Duration(s.rnd.IntN(55)) * time.Second) }

func due(list *[]later, now time.Time) {
	rest := (*list)[:0:0]
	for _, l := range *list {
		if l.at.After(now) {
			rest = append(rest, l)
		} else {
			l.do()
		}
	}
	*list = rest
}

// simAgen is an Agen that works on what it gets.
type simAgen struct {
	sim      *sim
	sessions int
	events   []agen.Event
	answers  []agen.Event
	late     []later
	encoded  map[string][]byte // by session, until something changes
}

// work lets time pass for the agent.
func (a *simAgen) work() {
	due(&a.late, a.sim.now)
	for i := range a.events {
		e := &a.events[i]
		if e.Status == agen.StatusCompleted || a.sim.rnd.IntN(4) > 0 && !a.sim.calm {
			continue
		}
		e.Status = map[agen.Status]agen.Status{
			agen.StatusQueued: agen.StatusProcessing, agen.StatusProcessing: agen.StatusCompleted,
		}[e.Status]
		e.UpdatedAt = a.sim.now.Format(time.RFC3339Nano)
		a.encoded = nil
		if e.Status == agen.StatusCompleted && e.Type == agen.EventUserMessage {
			a.answer(e)
		}
	}
}

// answer has the agent say something, or say it differently.
func (a *simAgen) answer(e *agen.Event) {
	text := "about " + e.ClientID
	if n := len(a.answers); n > 0 && a.sim.rnd.IntN(4) == 0 {
		a.answers[a.sim.rnd.IntN(n)].Payload = json.RawMessage(`{"message":"now ` + text + `"}`)
		return
	}
	a.answers = append(a.answers, agen.Event{
		ID: "a" + e.ID, SessionID: e.SessionID, Type: agen.EventAgentMessage,
		Status: agen.StatusCompleted, Payload: json.RawMessage(`{"message":"` + text + `"}`),
	})
}

func (a *simAgen) CreateSession(context.Context, agen.NewSession) (agen.Session, error) {
	a.sim.mayKill("before a session is opened")
	w := a.sim.weather()
	if w == refused || w == limited {
		return agen.Session{}, a.fault(w)
	}
	a.sessions++
	a.sim.mayKill("after a session was opened")
	if w != fine {
		return agen.Session{}, a.fault(w)
	}
	return agen.Session{ID: fmt.Sprintf("s%d", a.sessions)}, nil
}

func (a *simAgen) fault(w weather) error {
	switch w {
	case refused:
		return &agen.Error{Class: agen.Retry}
	case limited:
		return &agen.Error{Class: agen.RateLimited, RetryAfter: 3 * time.Second}
	default:
		return &agen.Error{Class: agen.Unsure}
	}
}

func (a *simAgen) SendMessage(ctx context.Context, session, text, clientID string) (agen.Event, error) {
	s := a.sim
	s.mayKill("before " + clientID + " leaves")
	a.checkOrder(ctx, clientID)
	e := agen.Event{
		ID: fmt.Sprintf("e%d", len(a.events)+len(a.late)+1), SessionID: session, Type: agen.EventUserMessage,
		Status: agen.StatusQueued, ClientID: clientID, Payload: json.RawMessage(`{"message":` + text + `}`),
	}
	take := func() {
		s.log("agen takes %s", clientID)
		a.events = append(a.events, e)
		a.encoded = nil
	}
	w := s.weather()
	s.log("send %s: %v", clientID, w)
	switch w {
	case fine, lostAfter:
		take()
	case lostLate:
		if s.rnd.IntN(2) == 0 {
			a.late = append(a.late, later{s.soon(), take})
		}
	case refused, limited:
	}
	s.mayKill("after " + clientID + " left")
	if w != fine {
		return agen.Event{}, a.fault(w)
	}
	return e, nil
}

// checkOrder asserts that nothing is sent while an earlier message that the
// bridge has still waits.
func (a *simAgen) checkOrder(ctx context.Context, clientID string) {
	rows, err := a.sim.store.Rows(ctx, simThread)
	if err != nil {
		a.sim.breaks("rows: %v", err)
		return
	}
	for id, m := range rows.Messages {
		waits := m.State == bridge.Ready || m.State == bridge.Begun
		if m.Of == "" && waits && id < clientID && !strings.HasPrefix(clientID, id) && !strings.Contains(clientID, ":") {
			a.sim.breaks("%s is sent while %s waits (%s)", clientID, id, m.State)
		}
	}
}

func (a *simAgen) Timeline(_ context.Context, session, _ string, visit func(*agen.RawEvent) error) (string, error) {
	s := a.sim
	s.mayKill("before reading")
	if w := s.weather(); w != fine {
		class := agen.Retry
		if w == limited {
			class = agen.RateLimited
		}
		return "", &agen.Error{Class: class}
	}
	b, err := a.encode(session)
	if err != nil {
		return "", err
	}
	return "", agen.ReadTimeline(bytes.NewReader(b), visit)
}

// encode returns the session's events in no order.
func (a *simAgen) encode(session string) ([]byte, error) {
	if b := a.encoded[session]; b != nil {
		return b, nil
	}
	events := []agen.Event{}
	for _, e := range slices.Concat(a.events, a.answers) {
		if e.SessionID == session {
			events = append(events, e)
		}
	}
	a.sim.rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	b, err := json.Marshal(events)
	if a.encoded == nil {
		a.encoded = map[string][]byte{}
	}
	a.encoded[session] = b
	return b, err
}

func (a *simAgen) ListSessions(context.Context, agen.ListOptions) (agen.SessionPage, error) {
	return agen.SessionPage{}, errors.New("nobody asks for the list here")
}

// simSlack is a Slack whose history lags.
type simSlack struct {
	sim   *sim
	posts []simPost
	shown map[string]map[string]bool
	late  []later
	calls int
}

type simPost struct {
	bridge.Post
	ts      string
	visible time.Time
}

func (k *simSlack) work() { due(&k.late, k.sim.now) }

func (k *simSlack) fault(w weather, repeatable bool) error {
	class := bridge.Unsure
	switch {
	case w == limited:
		return &bridge.Fault{Class: bridge.RateLimited, Wait: 3 * time.Second}
	case w == refused || repeatable:
		class = bridge.Temporary
	}
	return &bridge.Fault{Class: class}
}

// read is the weather of a call that changes nothing.
func (k *simSlack) read() error {
	k.sim.mayKill("before asking Slack")
	if w := k.sim.weather(); w != fine && k.sim.rnd.IntN(2) == 0 {
		return k.fault(w, true)
	}
	return nil
}

func (k *simSlack) Vet(context.Context, bridge.Message) (bridge.Refusal, error) {
	return bridge.Allowed, k.read()
}

func (k *simSlack) Compose(_ context.Context, m bridge.Message, f bridge.Framing) (bridge.Prompt, error) {
	p := bridge.Prompt{Text: string(m.Body)}
	if f.First && !f.Bare {
		if err := k.read(); err != nil {
			return bridge.Prompt{}, err
		}
		for _, ts := range slices.Sorted(maps.Keys(k.sim.said)) {
			if ts > m.TS && !k.sim.deleted[ts] {
				p.Later = append(p.Later, k.sim.said[ts])
			}
		}
	}
	return p, nil
}

func (k *simSlack) Reread(_ context.Context, _ bridge.ThreadKey, ts string) (bridge.Message, error) {
	if err := k.read(); err != nil {
		return bridge.Message{}, err
	}
	if k.sim.deleted[ts] {
		return bridge.Message{}, &bridge.Fault{Class: bridge.Missing}
	}
	return k.sim.said[ts], nil
}

func (k *simSlack) Post(_ context.Context, _ bridge.ThreadKey, p bridge.Post) (string, error) {
	s := k.sim
	s.mayKill("before a post")
	k.calls++
	ts := fmt.Sprintf("1800000000.%06d", k.calls)
	say := func() {
		k.posts = append(k.posts, simPost{p, ts, s.now.Add(time.Duration(s.rnd.IntN(20)) * time.Second)})
	}
	w := s.weather()
	s.log("post %s: %v", p.Key, w)
	switch w {
	case fine, lostAfter:
		say()
	case lostLate:
		if s.rnd.IntN(2) == 0 {
			k.late = append(k.late, later{s.now.Add(time.Duration(s.rnd.IntN(30)) * time.Second), say})
		}
	case refused, limited:
	}
	s.mayKill("after a post")
	if w != fine {
		return "", k.fault(w, false)
	}
	return ts, nil
}

func (k *simSlack) Update(_ context.Context, _ bridge.ThreadKey, ts string, p bridge.Post) error {
	if err := k.read(); err != nil {
		return err
	}
	for i := range k.posts {
		if k.posts[i].ts == ts {
			k.posts[i].Post = p
		}
	}
	return nil
}

func (k *simSlack) Delete(_ context.Context, _ bridge.ThreadKey, ts string) error {
	if err := k.read(); err != nil {
		return err
	}
	k.posts = slices.DeleteFunc(k.posts, func(p simPost) bool { return p.ts == ts })
	return nil
}

func (k *simSlack) Bound(context.Context, bridge.ThreadKey) (string, error) {
	if err := k.read(); err != nil {
		return "", err
	}
	session := ""
	for _, p := range k.posts {
		if p.Session != "" && !p.visible.After(k.sim.now) {
			session = p.Session
		}
	}
	return session, nil
}

func (k *simSlack) Find(_ context.Context, _ bridge.ThreadKey, key string) (string, error) {
	if err := k.read(); err != nil {
		return "", err
	}
	for _, p := range k.posts {
		if p.Key == key && !p.visible.After(k.sim.now) {
			return p.ts, nil
		}
	}
	return "", nil
}

func (k *simSlack) React(_ context.Context, _ bridge.ThreadKey, ts, emoji string) error {
	return k.react(ts, emoji, true)
}

func (k *simSlack) Unreact(_ context.Context, _ bridge.ThreadKey, ts, emoji string) error {
	return k.react(ts, emoji, false)
}

func (k *simSlack) react(ts, emoji string, on bool) error {
	s := k.sim
	s.mayKill("before a reaction")
	set := func() {
		if k.shown[ts] == nil {
			k.shown[ts] = map[string]bool{}
		}
		k.shown[ts][emoji] = on
	}
	w := s.weather()
	s.log("react %s %s %t: %v", ts, emoji, on, w)
	if w == fine || w == lostAfter {
		set()
	}
	s.mayKill("after a reaction")
	if w != fine {
		return k.fault(w, true)
	}
	return nil
}
