package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// recordVersion is the first byte of every record. The file's format says
// which migrations it has seen; this says how one record is read.
const recordVersion = 1

// threadRecord is a thread with what the store itself has to know of it.
type threadRecord struct {
	bridge.Thread
	// Touched is when the record was last written.
	Touched time.Time `json:"touched,omitzero"`
	// Seen are the seen events that an earlier release wrote into the record. It
	// is never written.
	Seen []byte `json:"seen,omitempty"`
}

// seal encodes a record: the version, the opening that wrote it, JSON.
func seal(boot uint64, v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte(recordVersion)
	b.Write(binary.AppendUvarint(b.AvailableBuffer(), boot))
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	return b.Bytes()[:b.Len()-1], nil // without Encode's newline
}

// unseal decodes a record into v and returns the opening that wrote it.
func unseal(data []byte, v any) (boot uint64, err error) {
	if len(data) == 0 || data[0] != recordVersion {
		return 0, fmt.Errorf("record of an unknown version: %w", ErrUnreadable)
	}
	boot, n := binary.Uvarint(data[1:])
	if n <= 0 {
		return 0, fmt.Errorf("record without its opening: %w", ErrUnreadable)
	}
	if err := json.Unmarshal(data[1+n:], v); err != nil {
		// The decoder's own words can quote what a person said.
		return 0, fmt.Errorf("record of %d bytes is not JSON of its kind: %w", len(data), ErrUnreadable)
	}
	return boot, nil
}

// horizon mends instants that were written under another clock: in records of
// earlier openings a due time is at most maxAhead after this one, nothing has
// happened after it, and what was begun was begun with it. That is the latest
// that a call of a process which has ended can have left, and how long ago it
// was by a clock that may have jumped tells nothing.
type horizon struct {
	boot   uint64
	opened time.Time
}

// due reports whether it mended t, and so do past and delivery.
func (h horizon) due(t *time.Time) bool { return bound(t, h.opened.Add(maxAhead)) }

func (h horizon) past(t *time.Time) bool { return bound(t, h.opened) }

func bound(t *time.Time, limit time.Time) bool {
	if !t.After(limit) {
		return false
	}
	*t = limit
	return true
}

func (h horizon) delivery(d *bridge.Delivery) bool {
	mended := h.due(&d.Due)
	for _, t := range []*time.Time{&d.Accepted, &d.InFlightSince, &d.CheckedAt, &d.Settled} {
		mended = h.past(t) || mended
	}
	if d.State == bridge.StateInFlight && d.InFlightSince.Before(h.opened) {
		d.InFlightSince, mended = h.opened, true
	}
	return mended
}

func (h horizon) wish(w *bridge.Reaction) bool {
	mended := h.due(&w.Due)
	return h.past(&w.PassStarted) || mended
}

// since mends what a thread knows of when things happened: what is to last for
// a while would last as much longer as the clock was ahead. How long the session
// has been in doubt tells nothing either where the clock may have jumped.
func (h horizon) since(t *threadRecord) {
	s := &t.Session
	for _, at := range []*time.Time{&t.Touched, &t.Started, &s.OpenedAt, &s.LastNews} {
		h.past(at)
	}
	if !s.NotFoundStreak.Since.IsZero() {
		s.NotFoundStreak.Since = h.opened
	}
	if t.Outage != nil {
		h.past(&t.Outage.From)
	}
	h.wish(&t.QuestionReaction)
	h.wish(&t.MergedReaction)
}

// message decodes a message, and reports whether it was mended.
func (h horizon) message(data []byte) (m *bridge.MessageRecord, mended bool, err error) {
	m = new(bridge.MessageRecord)
	boot, err := unseal(data, m)
	if err != nil {
		return nil, false, err
	}
	if boot < h.boot {
		mended = h.delivery(&m.Delivery)
		mended = h.wish(&m.Reaction) || mended
	}
	return m, mended, nil
}

// post decodes a post, and reports whether it was mended.
func (h horizon) post(data []byte) (p *bridge.PostRecord, mended bool, err error) {
	p = new(bridge.PostRecord)
	boot, err := unseal(data, p)
	if err != nil {
		return nil, false, err
	}
	if boot < h.boot {
		mended = h.delivery(&p.Delivery)
		mended = h.due(&p.RecheckAt) || mended
	}
	return p, mended, nil
}

// thread decodes a thread's own record.
func (h horizon) thread(data []byte) (t threadRecord, err error) {
	boot, err := unseal(data, &t)
	if err != nil {
		return t, err
	}
	if boot < h.boot {
		h.since(&t)
	}
	return t, nil
}

// decodeThread decodes a thread's own record as it was written.
func decodeThread(data []byte) (threadRecord, error) {
	var t threadRecord
	_, err := unseal(data, &t)
	return t, err
}
