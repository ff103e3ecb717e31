package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// flipped returns a store with a few pages of each kind: as a kill leaves it, and as
// Close leaves it, with a list of free pages.
func flipped(t *testing.T) (killed, closed []byte) {
	t.Helper()
	path := pathIn(t.TempDir())
	s := open(t, Config{Path: path, NoSync: true, Due: noneDue})
	for i := range 40 {
		thread := bridge.ThreadKey(fmt.Sprintf("T%03d", i))
		add(t, s, thread, "1.0")
		if i%2 == 0 {
			if err := s.Accept(t.Context(), thread, nil, settled("1.0")); err != nil {
				t.Fatal(err)
			}
		}
	}
	killed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if closed, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return killed, closed
}

// pageOf returns the last page of a kind that is in use according to bbolt.
func pageOf(t *testing.T, content []byte, kind string) (last int) {
	t.Helper()
	path := pathIn(t.TempDir())
	writeFile(t, path, content)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, PreLoadFreelist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		for id := 0; ; id++ {
			switch page, err := tx.Page(id); {
			case err != nil || page == nil:
				return err
			case page.Type == kind:
				last = id
			}
		}
	})
	if err != nil || last == 0 {
		t.Fatalf("no %s page: %v", kind, err)
	}
	return last
}

// bits lists the bits to flip in a page: many in the header and the first elements, and
// fewer after them.
func bits(size int) []int {
	var all []int
	for bit := 0; bit < size*8; bit += 1009 {
		for ; bit < (pageHeader+2*leafElement)*8; bit += 5 {
			all = append(all, bit)
		}
		all = append(all, bit)
	}
	return all
}

var namesPage = regexp.MustCompile(`page \d+`)

// TestFlippedBits opens stores with one wrong bit. Each store either opens and accepts a
// message, or is refused and not changed, with an error that names the file and the page.
func TestFlippedBits(t *testing.T) {
	killed, closed := flipped(t)
	path := filepath.Join(t.TempDir(), "flipped.db")
	opened, refused := 0, 0
	for _, c := range []struct {
		kind    string
		content []byte
	}{
		{"meta", killed},
		{"branch", killed},
		{"leaf", killed},
		{"leaf", closed},
		{"freelist", closed},
	} {
		at := pageOf(t, c.content, c.kind) * os.Getpagesize()
		for _, bit := range bits(os.Getpagesize()) {
			damaged := bytes.Clone(c.content)
			damaged[at+bit/8] ^= 1 << (bit % 8)
			if openFlipped(t, path, damaged, fmt.Sprintf("%s page at %d, bit %d", c.kind, at, bit)) {
				opened++
			} else {
				refused++
			}
		}
	}
	if opened < 50 || refused < 50 {
		t.Errorf("%d opened and %d were refused, want some of both", opened, refused)
	}
}

func openFlipped(t *testing.T, path string, content []byte, what string) bool {
	t.Helper()
	writeFile(t, path, content)
	s, err := Open(t.Context(), Config{Path: path, NoSync: true, Due: noneDue})
	if err != nil {
		if !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), path) || !namesPage.MatchString(err.Error()) {
			t.Errorf("%s: got error %v, want ErrForeign with file and page", what, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s: the refused file was changed (%v)", what, err)
		}
		return false
	}
	for i := range 40 {
		_, err := s.Rows(t.Context(), bridge.ThreadKey(fmt.Sprintf("T%03d", i)))
		if err != nil && !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: rows: %v", what, err)
		}
	}
	for i := range 5 {
		add(t, s, bridge.ThreadKey(fmt.Sprintf("N%03d", i)), "1.0")
	}
	if err := errors.Join(s.Prune(t.Context()), s.Close()); err != nil {
		t.Errorf("%s: close: %v", what, err)
	}
	return true
}
