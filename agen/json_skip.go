package agen

import (
	"bytes"
	"errors"

	"github.com/agenbridge/agenbridge/agen/neterror"
)

// Errors of reading JSON. A caller of this package sees them as the Message of an *Error.
var (
	errIncomplete = errors.New("the value is incomplete") // internal: read more and try again
	errNotObject  = neterror.New("the answer is not a JSON object")
	errNotArray   = neterror.New("the answer is not a JSON array")
	errMalformed  = neterror.New("the answer is malformed JSON")
	errTooLarge   = neterror.New("the answer is larger than allowed")
)

// The functions below find the end of a JSON value without decoding it. They return errIncomplete or -1 if b ends before
// the value does.

// skipSpace returns the index of the first byte from i on that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i, or -1 if b ends before it does.
func skipString(b []byte, i int) int {
	for at := i + 1; ; at++ {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		if at += n; b[at-1] != '\\' || !isEscaped(b, at) {
			return at + 1
		}
	}
}

// isEscaped reports whether an odd number of backslashes stands before the byte at i of a string.
func isEscaped(b []byte, i int) bool {
	n := 0
	for b[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return 0, errIncomplete
	}
	switch b[i] {
	case '"':
		if end := skipString(b, i); end >= 0 {
			return end, nil
		}
		return 0, errIncomplete
	case '{', '[':
		return skipContainer(b, i)
	case 't':
		return skipLiteral(b, i, "true")
	case 'f':
		return skipLiteral(b, i, "false")
	case 'n':
		return skipLiteral(b, i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return skipNumber(b, i)
	}
	return 0, errMalformed
}

// skipLiteral returns the index after the literal that begins at i.
func skipLiteral(b []byte, i int, literal string) (int, error) {
	end := i + len(literal)
	switch {
	case end > len(b):
		return 0, errIncomplete
	case string(b[i:end]) != literal:
		return 0, errMalformed
	}
	return end, nil
}

// skipNumber returns the index after the number that begins at i.
func skipNumber(b []byte, i int) (int, error) {
	for end := i; end < len(b); end++ {
		switch b[end] {
		case ',', ']', '}', ' ', '\n', '\r', '\t':
			return end, nil
		}
	}
	return 0, errIncomplete
}

// skipContainer returns the index after the object or array that begins at i. It counts brackets and does not recurse, so
// no nesting is too deep.
func skipContainer(b []byte, i int) (int, error) {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			end := skipString(b, i)
			if end < 0 {
				return 0, errIncomplete
			}
			i = end
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1, nil
			}
		}
		i++
	}
	return 0, errIncomplete
}
