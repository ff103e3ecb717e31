package agen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Errors of reading JSON. They are wrapped into an *Error before a caller sees them.
var (
	errShort     = errors.New("the buffer ends inside the value") // internal: read more and try again
	errNoObject  = errors.New("the answer is no JSON object")
	errNoArray   = errors.New("the answer is no JSON array")
	errMalformed = errors.New("the answer is malformed JSON")
	errTooLarge  = errors.New("the answer is larger than allowed")
)

const (
	firstBuffer = 64 << 10 // bytes; holds a hundred ordinary events
	keepBuffer  = 1 << 20  // bytes; a buffer that grew beyond it is left to the garbage collector
)

// buffers holds the buffers of finished reads, so that a poll allocates none.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, firstBuffer)
	return &b
}}

// scanner reads a JSON array of objects from a stream, one object at a time, in a buffer that is used again and again.
// It looks at the structure only as far as it must to find the end of each object; what is inside strings and numbers
// is left to whoever decodes them. Elements that are not objects are passed over.
type scanner struct {
	src      io.Reader
	buf      []byte
	pos, end int // the unread part of buf
	eof      bool
	event    RawEvent
}

// ReadTimeline reads a timeline, a JSON array of events, and calls visit with one event after the other. The *RawEvent
// is valid only until visit returns. The error is visit's own, unchanged, or says where the JSON is broken.
func ReadTimeline(src io.Reader, visit func(*RawEvent) error) error {
	pooled, ok := buffers.Get().(*[]byte)
	if !ok {
		return errors.New("take a buffer: not a buffer")
	}
	s := &scanner{src: src, buf: *pooled}
	defer func() {
		if len(s.buf) <= keepBuffer {
			*pooled = s.buf
			buffers.Put(pooled)
		}
	}()
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(first)
		if err != nil || !more {
			return err
		}
		if s.event.whole == nil {
			continue
		}
		if err := visit(&s.event); err != nil {
			return err
		}
	}
}

// open passes over the beginning of the array.
func (s *scanner) open() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == 0xEF { // a byte order mark
		for s.end-s.pos < 3 && err == nil {
			err = s.fill()
		}
		if err != nil {
			return err
		}
		if bytes.HasPrefix(s.buf[s.pos:s.end], []byte("\uFEFF")) {
			s.pos += 3
		}
		if c, err = s.peek(); err != nil {
			return err
		}
	}
	if c != '[' {
		return errNoArray
	}
	s.pos++
	return nil
}

// next reads the next element into s.event; event.whole is nil if the element is no object. It returns false at the
// end of the array.
func (s *scanner) next(first bool) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c == ']' {
		return false, nil
	}
	if !first {
		if c != ',' {
			return false, errMalformed
		}
		s.pos++
		if c, err = s.peek(); err != nil {
			return false, err
		}
	}
	for {
		n, err := s.element(c)
		if err == nil {
			s.pos += n
			return true, nil
		}
		if !errors.Is(err, errShort) {
			return false, err
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// element tries to read one element at the current position and returns its length.
func (s *scanner) element(c byte) (int, error) {
	b := s.buf[s.pos:s.end]
	if c == '{' {
		return s.event.parse(b)
	}
	s.event.whole = nil
	n, err := skipValue(b, 0)
	return n, err
}

// peek passes over white space and returns the next byte without consuming it.
func (s *scanner) peek() (byte, error) {
	for {
		for s.pos < s.end {
			if c := s.buf[s.pos]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, nil
			}
			s.pos++
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// fill reads more. It waits for as much again as is already unread, so that trying an element again from its beginning
// costs at most twice the work, however small the pieces are in which the network delivers it.
func (s *scanner) fill() error {
	if s.eof {
		return fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
	}
	unread := s.end - s.pos
	if unread >= maxEventBytes {
		return errTooLarge
	}
	if 2*unread >= len(s.buf) {
		bigger := make([]byte, 2*len(s.buf))
		copy(bigger, s.buf[s.pos:s.end])
		s.buf = bigger
	} else {
		copy(s.buf, s.buf[s.pos:s.end])
	}
	s.pos, s.end = 0, unread
	n, err := io.ReadAtLeast(s.src, s.buf[s.end:], max(1, unread))
	s.end += n
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && n > 0:
		s.eof = true
		if n == 0 {
			return fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
		}
		return nil
	case err != nil:
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// parse reads the object at the beginning of b and returns its length, or errShort. Of a member that comes twice the
// last one counts, as in encoding/json.
func (r *RawEvent) parse(b []byte) (int, error) {
	r.whole, r.values, r.kind = nil, [noField + 1][]byte{}, ""
	i := skipSpace(b, 1)
	if i < len(b) && b[i] == '}' {
		r.whole = b[: i+1 : i+1]
		return i + 1, nil
	}
	for last := noField; i < len(b); {
		f, end, err := r.name(b, i, last)
		if err != nil {
			return 0, err
		}
		if i = skipSpace(b, end); i >= len(b) {
			return 0, errShort
		}
		if b[i] != ':' {
			return 0, errMalformed
		}
		i = skipSpace(b, i+1)
		if end, err = skipValue(b, i); err != nil {
			return 0, err
		}
		if r.values[f] = b[i:end:end]; f != noField {
			last = f
		}
		if i = skipSpace(b, end); i >= len(b) {
			return 0, errShort
		}
		if b[i] == '}' {
			r.whole = b[: i+1 : i+1]
			return i + 1, nil
		}
		if b[i] != ',' {
			return 0, errMalformed
		}
		i = skipSpace(b, i+1)
	}
	return 0, errShort
}

// name reads the name at i, of a member that comes after the field last, and returns its field and the index after it.
// Events are alike: it is looked up only if it isn't the one that stood there in an event before.
func (r *RawEvent) name(b []byte, i int, last field) (field, int, error) {
	if f := r.follows[last]; f.standsAt(b, i) {
		return f, i + len(fieldNames[f]), nil
	}
	if b[i] != '"' {
		return noField, 0, errMalformed
	}
	end := skipString(b, i)
	if end < 0 {
		return noField, 0, errShort
	}
	f := fieldOf(b[i:end])
	if f != noField {
		r.follows[last] = f
	}
	return f, end, nil
}
