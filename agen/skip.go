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
	for at := i + 1; ; at++ {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return -1
		}
		if at += n; b[at-1] != '\\' || !escaped(b, at) {
			return at + 1
		}
	}
}

// escaped reports whether the byte at i, within a string, comes after an odd number of backslashes.
func escaped(b []byte, i int) bool {
	n := 0
	for b[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return 0, errShort
	}
	switch b[i] {
	case '"':
		if end := skipString(b, i); end >= 0 {
			return end, nil
		}
		return 0, errShort
	case '{', '[':
		return skipContainer(b, i)
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
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
