package agentest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// DefaultKey is the key that a Server accepts when its Config names none. It belongs to DefaultWorkspace.
const (
	DefaultKey       = "agentest-key"
	DefaultWorkspace = "ws_1"
)

// Config configures a Server. The zero value is an API without faults, with the default agent, one key and one workspace.
type Config struct {
	// Keys maps each accepted key to its workspace; empty means DefaultKey for DefaultWorkspace.
	Keys map[string]string
	// Agent is the script that every session's agent follows.
	Agent Agent
	// Seed makes the probabilities of faults and the order of reordered timelines repeatable.
	Seed uint64
	// KeepRequests is how many requests the record keeps; 0 means all.
	KeepRequests int
	// ETags makes timelines carry an ETag and answers 304 to a matching If-None-Match.
	ETags bool
	// Gzip compresses timelines for clients that accept it.
	Gzip bool
	// Wrap wraps the server's handler, for instance with contract.Check.
	Wrap func(http.Handler) http.Handler
}

// Server is an Agen API with scripted agents and faults. It is an http.Handler and safe for concurrent use. Close it when
// done.
type Server struct {
	cfg     Config
	handler http.Handler
	http    *http.Server
	done    chan struct{}  // closed by Close
	running sync.WaitGroup // requests, connections, agents and late applications

	mu           sync.Mutex // held briefly, never while waiting
	closed       bool
	url          string
	changed      chan struct{} // closed and replaced with every change
	hook         func(Progress)
	random       *rand.Rand
	faults       []*ActiveFault
	requests     []*Request
	requestCount int // number of requests so far
	counts       map[Call]int
	sessions     map[string]*session
	order        []string // session ids, oldest first
	lastID       int      // number in the last event or session id
}

// session is the server's side of a session.
type session struct {
	info      agen.Session
	workspace string
	events    []*storedEvent
	version   int // number of changes of the timeline
	encoding  encodedTimeline
	busy      bool
	working   bool // the agent is processing a message
	turns     int  // messages that a scripted agent has started on
}

// storedEvent is an event with its encoding.
type storedEvent struct {
	event   agen.Event
	encoded []byte // nil after a change
}

// New returns a server, whose ServeHTTP can be called at once.
func New(cfg Config) *Server {
	if len(cfg.Keys) == 0 {
		cfg.Keys = map[string]string{DefaultKey: DefaultWorkspace}
	}
	s := &Server{
		cfg:      cfg,
		done:     make(chan struct{}),
		changed:  make(chan struct{}),
		random:   rand.New(rand.NewPCG(cfg.Seed, 0)),
		sessions: map[string]*session{},
		counts:   map[Call]int{},
	}
	s.handler = http.HandlerFunc(s.serve)
	if cfg.Wrap != nil {
		s.handler = cfg.Wrap(s.handler)
	}
	s.http = &http.Server{Handler: s.handler, ConnState: s.connState, ReadHeaderTimeout: time.Minute}
	return s
}

// Serve serves the API on l, which can be any listener, until Close. It returns nil after Close.
func (s *Server) Serve(l net.Listener) error {
	if !s.track() {
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	defer s.running.Done()
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Start serves the API on a free port of the loopback interface, until Close. URL then says where.
func (s *Server) Start(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if !s.track() {
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	s.mu.Lock()
	s.url = "http://" + l.Addr().String()
	s.mu.Unlock()
	go func() {
		defer s.running.Done()
		// Close ends it. If the listener fails before that, clients see connection errors.
		_ = s.http.Serve(l)
	}()
	return nil
}

// URL returns the base URL of a started server, empty before Start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// ServeHTTP answers one request. It panics with http.ErrAbortHandler if a fault breaks the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close breaks all connections, ends hanging requests, stops the agents, drops what was to be applied late, and returns
// once all of that has ended.
func (s *Server) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	var err error
	if first {
		close(s.done)
		err = s.http.Close()
	}
	s.running.Wait()
	if err != nil {
		return fmt.Errorf("close server: %w", err)
	}
	return nil
}

// Wait returns nil as soon as the condition holds. It checks the condition at once and after every change of the server's
// state, without any lock held. If the context ends or the server is closed first, it returns the context's cause or
// http.ErrServerClosed.
func (s *Server) Wait(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if condition() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for a condition: %w", context.Cause(ctx))
		case <-s.done:
			return fmt.Errorf("wait for a condition: %w", http.ErrServerClosed)
		}
	}
}

// notify wakes Wait after a change. The lock is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// track registers something that Close has to wait for, which calls running.Done at its end. It returns false after Close.
func (s *Server) track() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trackLocked()
}

func (s *Server) trackLocked() bool {
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// connState counts the connections, so that Close waits for their goroutines.
func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	case http.StateActive, http.StateIdle:
	}
}

// afterLocked calls f after d, or as soon as release is closed if it isn't nil, but not after Close. If d is 0 and release
// isn't nil, only release counts. The lock is held on entry and not while f runs.
func (s *Server) afterLocked(d time.Duration, release <-chan struct{}, f func()) {
	if !s.trackLocked() {
		return
	}
	go func() {
		defer s.running.Done()
		var expired <-chan time.Time
		if d > 0 || release == nil {
			timer := time.NewTimer(d)
			defer timer.Stop()
			expired = timer.C
		}
		select {
		case <-expired:
		case <-release:
		case <-s.done:
			return
		}
		f()
	}()
}

// newID returns the next id. The lock is held.
func (s *Server) newID(prefix string) string {
	s.lastID++
	return fmt.Sprintf("%s_%06d", prefix, s.lastID)
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }
