package slacktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ErrClosed is returned by everything that waits when the server is closed.
var ErrClosed = errors.New("slacktest: server closed")

// Server is a fake Slack with one workspace and one installed app. It is an http.Handler; every method may be called from
// any goroutine. Make one with New.
type Server struct {
	cfg Config

	mu  sync.Mutex // never held during I/O, hooks or waiting
	rng *rand.Rand
	// faultRand is used for faults only, because the other random choices depend on the order of goroutines.
	faultRand *rand.Rand
	changed   chan struct{} // closed and replaced with every change of state
	done      chan struct{} // closed by Close
	closed    bool
	wg        sync.WaitGroup // every goroutine, timer and request of the server
	timers    map[*timer]struct{}
	https     map[*http.Server]struct{}
	host      string // the newest request's base URL

	world     world
	apiState  apiState
	mode      socketMode
	records   records
	faults    []*Fault
	evFaults  []*EventFault
	hooks     hooks
	botToken  string
	scopes    map[string]bool
	appScopes map[string]bool
}

// New returns a server whose only users are the app's bot user and Slackbot. It must be closed.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:       cfg,
		rng:       newRand(cfg.Seed),
		faultRand: newRand(cfg.Seed),
		changed:   make(chan struct{}),
		done:      make(chan struct{}),
		timers:    map[*timer]struct{}{},
		https:     map[*http.Server]struct{}{},
		world:     newWorld(),
		apiState:  newAPIState(),
		mode:      newSocketMode(),
		botToken:  cfg.BotToken,
		scopes:    set(cfg.Scopes),
		appScopes: set(cfg.AppScopes),
	}
	s.world.users[cfg.BotUserID] = &User{
		ID: cfg.BotUserID, TeamID: cfg.TeamID, Name: cfg.BotName, RealName: cfg.BotName,
		IsBot: true, BotID: cfg.BotID, AppID: cfg.AppID,
	}
	// Slackbot is the author of tombstones. Slack does not mark it as a bot.
	s.world.users[slackbot] = &User{ID: slackbot, TeamID: cfg.TeamID, Name: "slackbot", RealName: "Slackbot"}
	return s
}

const slackbot = "USLACKBOT"

// Config returns the configuration with its defaults.
func (s *Server) Config() Config { return s.cfg }

// Serve serves connections from l until Close, and then returns ErrClosed. The listener is closed in any case.
func (s *Server) Serve(l net.Listener) error {
	srv := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ConnState: s.trackConn}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errors.Join(ErrClosed, l.Close())
	}
	s.https[srv] = struct{}{}
	s.wg.Add(1) // so that no connection is accepted while Close waits
	s.mu.Unlock()
	defer s.wg.Done()
	err := srv.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return ErrClosed
	}
	return fmt.Errorf("serve slack: %w", err)
}

// trackConn makes Close wait for the goroutine that net/http runs for each connection.
func (s *Server) trackConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.wg.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.wg.Done()
	case http.StateActive, http.StateIdle:
	}
}

// Close cuts every connection, stops every timer and returns when no goroutine of the server is left. Hooks must not
// call it: it waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.wg.Wait()
		return
	}
	s.closed = true
	close(s.done)
	for t := range s.timers {
		s.stop(t)
	}
	https := s.https
	s.https = nil
	s.mode.cutAll()
	s.unlock()
	for srv := range https {
		_ = srv.Close() // the listener may be closed already
	}
	s.wg.Wait()
}

// ServeHTTP answers the Web API under /api/, sockets under /link/, files under /files-pri/, and response URLs under
// /response/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter(r) {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	defer s.wg.Done()
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.serveAPI(w, r, strings.TrimPrefix(r.URL.Path, "/api/"))
	case strings.HasPrefix(r.URL.Path, "/link"):
		s.serveSocket(w, r)
	case strings.HasPrefix(r.URL.Path, "/files-pri/"):
		s.serveFile(w, r)
	case strings.HasPrefix(r.URL.Path, "/response/"):
		s.serveResponseURL(w, r)
	default:
		s.recordStray(r)
		http.NotFound(w, r)
	}
}

func (s *Server) enter(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	s.host = scheme + "://" + r.Host
	return true
}

// baseURL is the public base of files and response URLs. s.mu is held.
func (s *Server) baseURL() string {
	if s.cfg.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.PublicURL, "/")
	}
	if s.host == "" {
		return "http://slack.invalid"
	}
	return s.host
}

// unlock releases s.mu after a change of state and wakes all calls of Wait.
func (s *Server) unlock() {
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
}

// Wait returns nil as soon as holds does. It calls holds after every change of the server's state, without locks, so
// holds may call any method of the server. The error contains what, and wraps the context's cause or ErrClosed.
func (s *Server) Wait(ctx context.Context, what string, holds func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		case <-s.done:
			return fmt.Errorf("wait for %s: %w", what, ErrClosed)
		}
	}
}

// timer is a function that runs later, unless it is stopped or the server closes.
type timer struct{ t *time.Timer }

// after runs f without locks in d from now. s.mu is held.
func (s *Server) after(d time.Duration, f func()) *timer {
	t := &timer{}
	if s.closed {
		return t
	}
	s.wg.Add(1)
	s.timers[t] = struct{}{}
	t.t = time.AfterFunc(d, func() {
		defer s.wg.Done()
		s.mu.Lock()
		delete(s.timers, t)
		closed := s.closed
		s.mu.Unlock()
		if !closed {
			f()
		}
	})
	return t
}

// stop prevents t from running if it has not begun. s.mu is held.
func (s *Server) stop(t *timer) {
	if t == nil || t.t == nil {
		return
	}
	delete(s.timers, t)
	if t.t.Stop() {
		s.wg.Done()
	}
}

// spawn runs f in a goroutine that Close waits for. s.mu is held.
func (s *Server) spawn(f func()) {
	if s.closed {
		return
	}
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		f()
	}()
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
