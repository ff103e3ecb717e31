package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/bridge"
)

// simAgen is an Agen whose agent works on the messages that it receives.
type simAgen struct {
	sim      *sim
	sessions int
	events   []agen.Event
	answers  []agen.Event
	late     []later
	encoded  map[string][]byte // by session, until something changes
	gone     map[string]bool   // sessions that no longer exist
	deployed time.Time         // until when a gateway answers 404 to everything
}

// lose makes Agen lose the newest session.
func (a *simAgen) lose() {
	id := fmt.Sprintf("s%d", a.sessions)
	a.sim.log("agen forgets session %s", id)
	if a.gone == nil {
		a.gone = map[string]bool{}
	}
	a.gone[id] = true
}

// work lets the agent make progress, and applies late calls that are due.
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

// answer makes the agent write a message, or change one.
func (a *simAgen) answer(e *agen.Event) {
	text := "about " + e.ClientID
	if n := len(a.answers); n > 0 && a.sim.rnd.IntN(4) == 0 {
		a.answers[a.sim.rnd.IntN(n)].Payload = json.RawMessage(`{"message":"now ` + text + `"}`)
		return
	}
	a.answers = append(a.answers, agen.Event{
		ID: "a" + e.ID, SessionID: e.SessionID, Type: agen.EventAgentMessage,
		Status: agen.StatusCompleted, Payload: json.RawMessage(`{"message":"` + text + `"}`),
		CreatedAt: a.sim.now.Add(time.Duration(len(a.answers)) * time.Microsecond).Format(time.RFC3339Nano),
	})
}

func (a *simAgen) CreateSession(ctx context.Context, _ agen.SessionOptions) (agen.Session, error) {
	a.sim.mayKill("before a session is opened")
	state, err := a.sim.store.Rows(context.WithoutCancel(ctx), simThread)
	a.sim.must(err)
	if state.Thread.Session.Openings == 0 {
		a.sim.breaks("a session is opened without a mark: a full disk would have one opened after the other")
	}
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
		return &agen.Error{Class: agen.ClassTemporary}
	case limited:
		return &agen.Error{Class: agen.ClassRateLimited, RetryAfter: 3 * time.Second}
	default:
		return &agen.Error{Class: agen.ClassUnsure}
	}
}

func (a *simAgen) SendMessage(ctx context.Context, session, text, clientID string) (agen.Event, error) {
	s := a.sim
	s.mayKill("before " + clientID + " leaves")
	a.checkOrder(ctx, clientID)
	if s.withdrew[clientID] {
		s.breaks("%s was taken back and is sent", clientID)
	}
	s.meanwhile()
	switch {
	case a.gone[session], a.deploying():
		return agen.Event{}, &agen.Error{Class: agen.ClassNotFound}
	case s.rejects[clientID]:
		return agen.Event{}, &agen.Error{Class: agen.ClassRejected, Message: "too rude"}
	}
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

// checkOrder fails if a message is sent while an earlier one is waiting.
func (a *simAgen) checkOrder(ctx context.Context, clientID string) {
	state, err := a.sim.store.Rows(ctx, simThread)
	if err != nil {
		a.sim.breaks("rows: %v", err)
		return
	}
	for id, m := range state.Messages {
		waits := m.State == bridge.StateReady || m.State == bridge.StateInFlight
		if m.CorrectionOf == "" && waits && id < clientID && !strings.HasPrefix(clientID, id) && !strings.Contains(clientID, ":") {
			a.sim.breaks("%s is sent while %s waits (%s)", clientID, id, m.State)
		}
	}
}

func (a *simAgen) Timeline(_ context.Context, session, _ string, visit func(*agen.RawEvent) error) (string, error) {
	s := a.sim
	s.mayKill("before reading")
	s.meanwhile()
	if a.gone[session] || a.deploying() {
		return "", &agen.Error{Class: agen.ClassNotFound}
	}
	w := s.weather()
	if w == refused || w == limited {
		return "", a.fault(w)
	}
	b, err := a.encode(session)
	if err != nil {
		return "", err
	}
	if w != fine { // the connection breaks in the middle
		if agen.ReadTimeline(bytes.NewReader(b[:s.rnd.IntN(len(b))]), visit) == nil {
			s.breaks("half a timeline passes for a whole one")
		}
		return "", &agen.Error{Class: agen.ClassTemporary}
	}
	return "", agen.ReadTimeline(bytes.NewReader(b), visit)
}

// deploying reports whether the gateway answers 404 because of a deployment. A deployment
// takes less than a minute, so the session must not count as gone.
func (a *simAgen) deploying() bool {
	s := a.sim
	if !s.calm && s.now.After(a.deployed.Add(time.Minute)) && s.chance(s.climate.deploy) {
		a.deployed = s.now.Add(time.Duration(s.rnd.IntN(50)) * time.Second)
		s.log("a gateway knows nothing until %s", a.deployed.Format("15:04:05"))
	}
	return s.now.Before(a.deployed)
}

// encode returns the session's events in random order.
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
	b, err := agentest.EncodeTimeline(events)
	if a.encoded == nil {
		a.encoded = map[string][]byte{}
	}
	a.encoded[session] = b
	return b, err
}

func (a *simAgen) ListSessions(context.Context) ([]agen.Session, error) {
	return nil, errors.New("nobody asks for the list here")
}
