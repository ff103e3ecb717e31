package agen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxEventBytes is how large one event may be. A timeline as a whole has no size limit.
const maxEventBytes = 16 << 20

const (
	initialBufferBytes   = 64 << 10 // holds a hundred ordinary events
	maxPooledBufferBytes = 1 << 20  // a larger buffer is left to the garbage collector
)

// bufferPool holds the buffers of finished reads, so that a poll allocates none.
var bufferPool = sync.Pool{New: func() any {
	b := make([]byte, initialBufferBytes)
	return &b
}}

// ReadTimeline reads a timeline, a JSON array of events, and calls visit with one event after the other. The *RawEvent
// is valid only until visit returns. The error is visit's own, unchanged, or says where the JSON is broken.
func ReadTimeline(src io.Reader, visit func(*RawEvent) error) error {
	pooled, ok := bufferPool.Get().(*[]byte)
	if !ok {
		return errors.New("take a buffer: not a buffer")
	}
	s := &scanner{src: src, buf: *pooled}
	defer func() {
		if len(s.buf) <= maxPooledBufferBytes {
			*pooled = s.buf
			bufferPool.Put(pooled)
		}
	}()
	if err := s.openArray(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(first)
		if err != nil || !more {
			return err
		}
		if s.event.object == nil {
			continue
		}
		if err := visit(&s.event); err != nil {
			return err
		}
	}
}

// scanner reads a JSON array of objects from a stream, one object at a time, in a buffer that it reuses. It parses the
// structure only as far as it must to find the end of each object, and leaves the content of strings and numbers to
// whoever decodes them. Elements that are not objects are skipped.
type scanner struct {
	src      io.Reader
	buf      []byte
	pos, end int // the unread part of buf
	eof      bool
	event    RawEvent // the current element; its object is nil if the element is not an object
}

// openArray passes over the beginning of the array, and a byte order mark before it.
func (s *scanner) openArray() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == 0xEF { // the first byte of a byte order mark
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
		return errNotArray
	}
	s.pos++
	return nil
}

// next reads the next element into s.event. It returns false at the end of the array.
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
		n, err := s.parseElement(c)
		if err == nil {
			s.pos += n
			return true, nil
		}
		if !errors.Is(err, errIncomplete) {
			return false, err
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// parseElement tries to parse one element, which begins with c, at the current position and returns its length.
func (s *scanner) parseElement(c byte) (int, error) {
	b := s.buf[s.pos:s.end]
	if c == '{' {
		return s.event.parse(b)
	}
	s.event.object = nil
	return skipValue(b, 0)
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

// fill reads more from the stream. It waits for at least as much as is unread already, so that parsing an element again
// from its beginning costs at most twice the work, however small the pieces are that the network delivers.
func (s *scanner) fill() error {
	if s.eof {
		return fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
	}
	unread := s.end - s.pos
	if unread >= maxEventBytes {
		return errTooLarge
	}
	if 2*unread >= len(s.buf) {
		larger := make([]byte, 2*len(s.buf))
		copy(larger, s.buf[s.pos:s.end])
		s.buf = larger
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
