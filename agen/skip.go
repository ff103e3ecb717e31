package agen

import "bytes"

// skipSpace returns the index of the first byte from i on that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i, or -1 if b ends before it does.
func skipString(b []byte, i int) int {
	from := i + 1
	for at := from; ; {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		at += n
		escapes := 0
		for at-1-escapes >= from && b[at-1-escapes] == '\\' {
			escapes++
		}
		at++
		if escapes%2 == 0 {
			return at
		}
	}
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return 0, errShort
	}
	switch c := b[i]; {
	case c == '"':
		if end := skipString(b, i); end >= 0 {
			return end, nil
		}
		return 0, errShort
	case c == '{' || c == '[':
		return skipContainer(b, i)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	case c == '-', c >= '0' && c <= '9':
		return skipNumber(b, i)
	}
	return 0, errMalformed
}

// skipWord returns the index after the word that begins at i.
func skipWord(b []byte, i int, word string) (int, error) {
	end := i + len(word)
	switch {
	case end > len(b):
		return 0, errShort
	case string(b[i:end]) != word:
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
	return 0, errShort
}

// skipContainer returns the index after the object or array that begins at i. It counts, it does not recurse, so no
// nesting is too deep.
func skipContainer(b []byte, i int) (int, error) {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			end := skipString(b, i)
			if end < 0 {
				return 0, errShort
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
	return 0, errShort
}
