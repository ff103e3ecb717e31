package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/agenbridge/agenbridge/bridge"
)

// Store is the bridge's state in one bbolt file. It implements bridge.Intake
// and bridge.Lanes, and all its methods may be called from any goroutine.
type Store struct {
	cfg     Config
	db      *bbolt.DB
	opening Opening
	horizon horizon

	// channels is what is known of channels; only the committer replaces it.
	channels atomic.Pointer[channels]

	// requests leads to the committer, which ends when quit is closed and
	// then closes stopped.
	requests      chan *request
	quit, stopped chan struct{}
	// next is a request that is to be alone in its batch; the committer's own.
	next *request
	// chores are what the committer does between commits.
	chores chan func()
	// sick is told of a commit that failed.
	sick chan struct{}

	// reading is held by those who read, but for a copy, which holds copying:
	// it takes longer than scrubbing can wait.
	reading  sync.RWMutex
	copying  sync.Mutex
	scrubber scrubber

	closing  sync.Once
	closeErr error

	// mu guards what follows and is never held while the disk is used.
	mu     sync.Mutex
	talks  map[bridge.ThreadKey]*talk
	warm   warm
	queues [len(remotes)]queue
	tokens uint64
	health error
}

// Opening tells of the present opening of the store.
type Opening struct {
	// Boot counts the openings; the first is 1.
	Boot uint64
	// Fresh: there was no store before.
	Fresh bool
	// Away is how long ago the last heartbeat was: a long time after an
	// outage, or in a copy that was put back. 0 when Fresh.
	Away time.Duration
	// Restored is when the file was last opened after over an hour away, or as
	// a copy that Backup made: what waited in it then may have been done. Zero
	// when it never was.
	Restored time.Time
}

// Open opens the store, or makes one. A file that is damaged, that isn't a
// store or that a newer release wrote is refused and left as it is
// (ErrForeign, ErrNewer); a file that another process holds is waited for
// (ErrLocked). An older format is migrated, and the file as it was is kept
// beside it. ctx ends the waiting only.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{
		cfg:      cfg.withDefaults(),
		requests: make(chan *request),
		chores:   make(chan func()),
		quit:     make(chan struct{}),
		stopped:  make(chan struct{}),
		sick:     make(chan struct{}, 1),
		talks:    map[bridge.ThreadKey]*talk{},
		warm:     warm{threads: map[bridge.ThreadKey]*loaded{}},
	}
	for i := range s.queues {
		s.queues[i] = newQueue()
	}
	f := newFile(s.cfg)
	if err := f.inspect(ctx); err != nil {
		return nil, err
	}
	db, err := f.open(ctx, false)
	if err != nil {
		return nil, err
	}
	s.db = db
	s.scrubber.handle, s.scrubber.stale, s.scrubber.torn = f.handle, true, true
	s.scrubbed()
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.commits()
	return s, nil
}

// prepare brings an opened file up to date and fills the queues.
func (s *Store) prepare(ctx context.Context) error {
	s.warnOfReaders(ctx)
	if err := removeSpools(s.cfg.Path); err != nil {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "unfinished copies of the store are left", slog.Any("err", err))
	}
	if err := migrate(ctx, s.db, s.cfg); err != nil {
		return err
	}
	now := s.cfg.Now().Round(0).UTC()
	err := s.db.Update(func(tx *bbolt.Tx) (err error) {
		if s.opening, err = enter(tx, now); err != nil {
			return err
		}
		s.horizon = horizon{boot: s.opening.Boot, opened: now}
		known, err := readChannels(tx)
		if err != nil {
			return err
		}
		s.channels.Store(known)
		if !s.opening.Fresh && string(tx.Bucket(bucketMeta).Get(metaRelease)) == s.cfg.Release {
			return nil
		}
		return s.reindex(tx)
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", s.cfg.Path, err)
	}
	if err := s.db.View(s.fill); err != nil {
		return fmt.Errorf("open %s: %w", s.cfg.Path, err)
	}
	return nil
}

func (s *Store) warnOfReaders(ctx context.Context) {
	info, err := os.Stat(s.cfg.Path)
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "store file is open to other users of the machine",
			slog.String("path", s.cfg.Path), slog.String("mode", info.Mode().String()))
	}
}

// fill puts the lanes that owe something into the queues.
func (s *Store) fill(tx *bbolt.Tx) error {
	return tx.Bucket(bucketDue).ForEach(func(k, v []byte) error {
		d, err := decodeDues(v)
		if err != nil {
			// Let a claim find out what is wrong with the thread.
			d = dues{{owed: true}, {owed: true}}
		}
		t := s.talkOf(bridge.ThreadKey(k))
		for i := range d {
			s.horizon.due(&d[i].at)
			s.queues[i].set(&t.lanes[i], d[i], s.horizon.opened)
		}
		return nil
	})
}

// Opened tells of the present opening.
func (s *Store) Opened() Opening { return s.opening }

// Health returns the error of the last commit, nil when it worked. While it
// is not nil Run keeps trying, so that it is nil again soon after the disk
// has recovered, also when nothing comes in.
func (s *Store) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health
}

// Close stops the store and lets go of the file. Requests that were picked up
// are finished, others get ErrClosed. It waits for readers, and for nothing
// else.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.quit)
		<-s.stopped
		s.closeErr = errors.Join(s.scrubLast(), s.leave(), s.db.Close())
	})
	return s.closeErr
}

// leave marks the file as closed in good order and, for this one commit,
// writes the list of free pages as well: the next opening then neither
// checks the file nor searches it for free pages.
func (s *Store) leave() error {
	s.db.NoFreelistSync = false
	now := s.cfg.Now().Round(0).UTC()
	err := s.db.Update(func(tx *bbolt.Tx) error { return exit(tx, now) })
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
