package store

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
)

// format is the version of the file layout that this release writes. Each change of the
// layout increases it and adds a migration.
const format = 1

// application identifies the application in the meta bucket.
const application = "agenbridge"

// The keys of the meta bucket.
var (
	metaApplication = []byte("application")
	metaFormat      = []byte("format")
	metaBoot        = []byte("boot")
	metaHeartbeat   = []byte("heartbeat")
	// metaRestored is when the file was last opened long after its heartbeat.
	metaRestored = []byte("restored")
	// metaClosed is present while the file is cleanly closed.
	metaClosed = []byte("closed")
	// metaCopied is present in a copy that was made while the store was in use.
	metaCopied = []byte("copied")
	metaPrune  = []byte("prune")
	// metaRelease is the release that wrote the index of due lanes.
	metaRelease = []byte("release")
)

// Opening describes one opening of the store.
type Opening struct {
	// Boot is the number of this opening. The first one is 1.
	Boot uint64
	// Fresh is true if there was no store before.
	Fresh bool
	// Away is the time since the last heartbeat. It is long after an outage, or in an old
	// copy that was restored. It is 0 if Fresh.
	Away time.Duration
	// Restored is when the file was last opened after more than an hour without a
	// heartbeat, or as a copy that Backup made. Another process may have done the work
	// that was pending in it then. It is zero if that never happened.
	Restored time.Time
	// AloneSince is bridge.Instant.AloneSince, without its exception for a restore. If
	// the previous process closed the store cleanly a moment ago, it is when it did so.
	// Otherwise it is when this opening began.
	AloneSince time.Time
}

// formatOf returns the format version in the file.
func formatOf(meta *bbolt.Bucket) (int, error) {
	if meta == nil || string(meta.Get(metaApplication)) != application {
		return 0, fmt.Errorf("it does not say that it is one: %w", ErrForeign)
	}
	n, err := strconv.Atoi(string(meta.Get(metaFormat)))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("it does not say which format it has: %w", ErrForeign)
	}
	return n, nil
}

// isEmpty reports whether the database has no buckets: it was created, but nothing was
// ever written to it.
func isEmpty(tx *bbolt.Tx) bool {
	k, _ := tx.Cursor().First()
	return k == nil
}

// restoredAfter is the minimum age of a file's heartbeat at which the file counts as an
// old copy that was restored.
const restoredAfter = time.Hour

// closedWithin is the maximum time since a clean close at which no other process can have
// used another copy of the file in the meantime. A recent heartbeat alone isn't enough,
// because a copy that was made in use a minute ago has one as well.
const closedWithin = 2 * time.Minute

// enter begins an opening: it creates missing buckets, counts the opening and writes a
// heartbeat.
func enter(tx *bbolt.Tx, now time.Time) (Opening, error) {
	o := Opening{Fresh: tx.Bucket(bucketMeta) == nil, AloneSince: now}
	for _, name := range allBuckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return o, fmt.Errorf("make bucket: %w", err)
		}
	}
	meta := tx.Bucket(bucketMeta)
	if !o.Fresh {
		last, err := readOpening(meta)
		if err != nil {
			return o, err
		}
		o.Boot, o.Away, o.Restored = last.boot, max(now.Sub(last.heartbeat), 0), last.restored
		if meta.Get(metaClosed) != nil && meta.Get(metaCopied) == nil && o.Away <= closedWithin {
			o.AloneSince = last.heartbeat
		}
		if o.Away > restoredAfter || meta.Get(metaCopied) != nil {
			if err := put(meta, entry{metaRestored, now.Format(time.RFC3339Nano)}); err != nil {
				return o, err
			}
			o.Restored = now
		}
		bound(&o.Restored, now) // the clock may have been ahead when that was written
	}
	o.Boot++
	if err := errors.Join(meta.Delete(metaClosed), meta.Delete(metaCopied)); err != nil {
		return o, fmt.Errorf("mark as open: %w", err)
	}
	return o, put(meta,
		entry{metaApplication, application},
		entry{metaFormat, strconv.Itoa(format)},
		entry{metaBoot, strconv.FormatUint(o.Boot, 10)},
		entry{metaHeartbeat, now.Format(time.RFC3339Nano)})
}

// exit marks the file as cleanly closed.
func exit(tx *bbolt.Tx, now time.Time) error {
	return put(tx.Bucket(bucketMeta), entry{metaClosed, "1"}, entry{metaHeartbeat, now.Format(time.RFC3339Nano)})
}

// lastOpening is what the file says about the previous opening.
type lastOpening struct {
	boot                uint64
	heartbeat, restored time.Time
}

func readOpening(meta *bbolt.Bucket) (last lastOpening, err error) {
	if last.boot, err = strconv.ParseUint(string(meta.Get(metaBoot)), 10, 64); err != nil {
		return last, fmt.Errorf("count of openings: %w", ErrForeign)
	}
	if last.heartbeat, err = time.Parse(time.RFC3339Nano, string(meta.Get(metaHeartbeat))); err != nil {
		return last, fmt.Errorf("heartbeat: %w", ErrForeign)
	}
	if at := meta.Get(metaRestored); at != nil {
		if last.restored, err = time.Parse(time.RFC3339Nano, string(at)); err != nil {
			return last, fmt.Errorf("restored: %w", ErrForeign)
		}
	}
	return last, nil
}

// entry is a key of the meta bucket and its value.
type entry struct {
	key   []byte
	value string
}

func put(b *bbolt.Bucket, entries ...entry) error {
	for _, e := range entries {
		if err := b.Put(e.key, []byte(e.value)); err != nil {
			return fmt.Errorf("write %s: %w", e.key, err)
		}
	}
	return nil
}
