package store

import (
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// TestChannelsOfEarlierReleases reads files of earlier releases. Aliases were stored as
// they are now, and the threads of a renamed channel under its new key.
func TestChannelsOfEarlierReleases(t *testing.T) {
	path := pathIn(t.TempDir())
	s := open(t, Config{Path: path, Due: dueByTests})
	for _, thread := range []bridge.ThreadKey{"T/C3/1", "T/C4/1", "T/C4/2"} {
		add(t, s, thread, "1.0")
	}
	record := `{"moved":{"T/C1/":"T/C3/","T/C2/":"T/C3/"},"resting":{"T/C3/":true,"T/C4/2":true}}`
	if err := s.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put(metaChannels, []byte(record)) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Path: path, Due: dueByTests, Release: "next"})
	if err := s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := s.FormerChannels("T/C3/"), []bridge.ChannelKey{"T/C1/", "T/C2/"}; !slices.Equal(got, want) {
		t.Errorf("former keys: got %v, want %v", got, want)
	}
	if got := s.CurrentChannel("T/C1/"); got != "T/C3/" {
		t.Errorf("the present key: got %s", got)
	}
	if c, err := s.Claim(t.Context(), bridge.ToAgen); err != nil || c == nil || c.Thread != "T/C4/1" {
		t.Errorf("claimed %+v, %v, want the one thread that does not rest", c, err)
	}
	if c, err := s.Claim(t.Context(), bridge.ToAgen); err != nil || c != nil {
		t.Errorf("claimed %+v, %v, want none", c, err)
	}
	if _, err := s.RenameChannel(t.Context(), "T/C3/", "T/C9/"); err != nil {
		t.Fatal(err)
	}
	if got, want := metaOf(t, s, metaChannels), `{"moved":{"T/C1/":"T/C9/","T/C2/":"T/C9/","T/C3/":"T/C9/"},"resting":{"T/C3/":true,"T/C4/2":true}}`; got != want {
		t.Errorf("written\n%s\nwant\n%s", got, want)
	}
	if c := s.channels.Load(); c.size() != 5 {
		t.Errorf("%d entries, want 5", c.size())
	}
}
