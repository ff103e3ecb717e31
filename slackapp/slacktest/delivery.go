package slacktest

import (
	"encoding/json"
	"slices"
	"time"
)

// Delivery is one envelope that was routed to a socket, or found none.
type Delivery struct {
	EnvelopeID string
	// EventID stays the same over all deliveries of an event.
	EventID string
	// Envelope is the envelope's type (events_api, interactive), Type the inner one (message, block_actions).
	Envelope, Type string
	// Channel and TS name the message concerned, if there is one.
	Channel, TS string
	// Socket is the id of the socket, 0 when none was open.
	Socket int
	// Attempt is the retry_attempt: 0 for the first delivery.
	Attempt int
	At      time.Time
	// AckedAt is zero until an acknowledgement counted.
	AckedAt time.Time
	Payload json.RawMessage
}

// Ack is one acknowledgement that arrived.
type Ack struct {
	EnvelopeID, EventID, Type string
	// Socket is the one it arrived on.
	Socket  int
	At      time.Time
	Payload json.RawMessage
	// Fate says whether it counted.
	Fate AckFate
}

// AckFate says how the server treated an acknowledgement.
type AckFate string

// The fates of an acknowledgement: only Counted ends the redelivery of its event.
const (
	AckCounted AckFate = "counted"
	// AckLate came after the deadline, when the redelivery was already decided.
	AckLate AckFate = "late"
	// AckDropped was dropped by a fault, as if it had not arrived.
	AckDropped AckFate = "dropped"
	// AckUnknown names no envelope.
	AckUnknown AckFate = "unknown"
	// AckOtherSocket came over another socket than the envelope was sent over, with Config.StrictAcks.
	AckOtherSocket AckFate = "other_socket"
	// AckTooLarge is over 20 kB and was ignored.
	AckTooLarge AckFate = "too_large"
	// AckRepeated is for an envelope that was acknowledged before.
	AckRepeated AckFate = "repeated"
)

// maxAck is the size above which Slack ignores an answer on a socket.
const maxAck = 20 << 10

// inFlight is an envelope that was sent and neither acknowledged nor given up.
type inFlight struct {
	ev       *event
	delivery *Delivery
	deadline *timer
	over     bool // the deadline passed
}

// dispatch sends an event for the first time, through the event faults. s.mu is held.
func (s *Server) dispatch(ev *event) {
	ev.receipt = &receipt{}
	if ch := s.world.channels[ev.channel]; ch != nil && ch.byTS[ev.ts] != nil {
		m := ch.byTS[ev.ts]
		m.receipts = append(m.receipts, ev.receipt)
	}
	times, hold := s.applyEventFaults(ev)
	if hold != nil {
		s.mode.held = append(s.mode.held, ev)
		s.after(*hold, func() {
			s.mu.Lock()
			defer s.unlock()
			s.release(ev)
		})
		return
	}
	for range times {
		ev.attempt = 0
		s.route(ev)
	}
	for _, late := range slices.Clone(s.mode.held) {
		s.release(late)
	}
}

// release sends an event that was held back to be out of order.
func (s *Server) release(ev *event) {
	if i := slices.Index(s.mode.held, ev); i >= 0 {
		s.mode.held = slices.Delete(s.mode.held, i, i+1)
		s.route(ev)
	}
}

// route sends an event in a new envelope over one of the open sockets. s.mu is held.
func (s *Server) route(ev *event) {
	sock := s.pickSocket()
	d := &Delivery{
		EnvelopeID: s.newUUID(), EventID: ev.id, Envelope: ev.envelope, Type: ev.kind, Channel: ev.channel, TS: ev.ts,
		Attempt: ev.attempt, At: time.Now(), Payload: ev.payload,
	}
	ev.attempt++
	s.records.addDelivery(d, s.cfg.KeepRequests)
	if sock == nil {
		if s.cfg.Offline == OfflineRetry {
			s.retry(ev)
		}
		return
	}
	d.Socket = sock.id
	frame := object{
		"type": ev.envelope, "envelope_id": d.EnvelopeID, "accepts_response_payload": false, "payload": ev.payload,
	}
	if ev.envelope == "events_api" {
		reason := ""
		if d.Attempt > 0 {
			reason = "timeout"
		}
		frame["retry_attempt"], frame["retry_reason"] = d.Attempt, reason
	}
	f := &inFlight{ev: ev, delivery: d}
	s.mode.addFlight(d.EnvelopeID, f, s.cfg.KeepRequests)
	f.deadline = s.after(s.cfg.AckTimeout, func() { s.ackMissed(f) })
	if !sock.eventsStopped {
		sock.send(encode(frame))
	}
}

// ackMissed ends a flight whose acknowledgement did not come in time.
func (s *Server) ackMissed(f *inFlight) {
	s.mu.Lock()
	defer s.unlock()
	if f.over || !f.delivery.AckedAt.IsZero() {
		return
	}
	f.over = true
	s.retry(f.ev)
}

// retry schedules the next delivery of an event, if there is one. Interactions are never repeated: the person sees a
// warning sign instead. s.mu is held.
func (s *Server) retry(ev *event) {
	n := ev.attempt - 1 // deliveries after the first, so far
	if ev.receipt.settled || ev.envelope != "events_api" || n >= len(s.cfg.RetryDelays) {
		return
	}
	s.after(s.cfg.RetryDelays[n], func() {
		s.mu.Lock()
		defer s.unlock()
		if !ev.receipt.settled {
			s.route(ev)
		}
	})
}

// acknowledge handles an acknowledgement that arrived on a socket.
func (s *Server) acknowledge(sock *socket, raw []byte) {
	var body struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	ack := Ack{Socket: sock.id, At: time.Now(), Fate: AckUnknown}
	if err := json.Unmarshal(raw, &body); err == nil {
		ack.EnvelopeID, ack.Payload = body.EnvelopeID, body.Payload
	}
	s.mu.Lock()
	if f := s.mode.flights[body.EnvelopeID]; f != nil {
		ack.EventID, ack.Type = f.ev.id, f.ev.kind
		ack.Fate = s.ackFate(f, sock, len(raw))
		if ack.Fate == AckCounted {
			f.delivery.AckedAt = ack.At
			f.ev.receipt.settled = true
			s.stop(f.deadline)
		}
	}
	s.records.addAck(ack, s.cfg.KeepRequests)
	hook := s.hooks.ack
	s.unlock()
	if hook != nil {
		hook(ack)
	}
}

// ackFate returns whether an acknowledgement counts. s.mu is held.
func (s *Server) ackFate(f *inFlight, sock *socket, size int) AckFate {
	switch {
	case size > maxAck:
		return AckTooLarge
	case f.ev.dropAcks > 0:
		f.ev.dropAcks--
		return AckDropped
	case !f.delivery.AckedAt.IsZero():
		return AckRepeated
	case f.over:
		return AckLate
	case s.cfg.StrictAcks && f.delivery.Socket != sock.id:
		return AckOtherSocket
	}
	return AckCounted
}
