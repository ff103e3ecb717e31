package slacktest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// socketMode is the state of Socket Mode. Server.mu guards it.
type socketMode struct {
	tickets map[string]time.Time // until when each is valid
	sockets []*socket            // all sockets ever opened, by id
	flights map[string]*inFlight
	oldest  []string // envelope ids, oldest first
	held    []*event // held back by a fault, to be sent out of order
	lastID  int
	linked  bool // false after link_disabled
}

func newSocketMode() socketMode {
	return socketMode{tickets: map[string]time.Time{}, flights: map[string]*inFlight{}, linked: true}
}

func (m *socketMode) addFlight(id string, f *inFlight, keep int) {
	m.flights[id] = f
	m.oldest = append(m.oldest, id)
	if keep > 0 && len(m.oldest) > keep {
		delete(m.flights, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
}

func (m *socketMode) cutAll() {
	for _, sock := range m.sockets {
		sock.cut()
	}
}

// socket is one WebSocket connection of the app. The queue belongs to Server.mu, the rest is set once.
type socket struct {
	id      int
	conn    *websocket.Conn
	ctx     context.Context //nolint:containedctx // the connection's life
	cut     context.CancelFunc
	wake    chan struct{} // capacity 1: the queue has grown
	closing chan struct{} // closed to begin the close handshake
	queue   [][]byte
	opened  time.Time
	closed  time.Time
	// A draining socket gets no new events. With eventsStopped, its events are dropped. A half-open one neither sends
	// nor receives anything. A mute one has not sent hello, and is draining.
	draining, eventsStopped, halfOpen, finishing, mute bool
}

// Socket is a copy of a socket's state.
type Socket struct {
	// ID counts from 1 in the order of opening.
	ID     int
	Opened time.Time
	// Closed is zero while the socket is open.
	Closed                            time.Time
	Draining, EventsStopped, HalfOpen bool
}

// send queues a frame. s.mu is held.
func (sock *socket) send(frame []byte) {
	if sock.halfOpen {
		return
	}
	sock.queue = append(sock.queue, frame)
	select {
	case sock.wake <- struct{}{}:
	default:
	}
}

// pickSocket chooses any of the open sockets. s.mu is held.
func (s *Server) pickSocket() *socket {
	var open []*socket
	for _, sock := range s.mode.sockets {
		if sock.closed.IsZero() && !sock.draining {
			open = append(open, sock)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[s.rng.IntN(len(open))]
}

// ticketLife is how long the URL of apps.connections.open may be used; the number is a guess.
const ticketLife = 30 * time.Second

// openTicket returns the URL for one connection. s.mu is held.
func (s *Server) openTicket() string {
	ticket := s.newUUID()
	s.mode.tickets[ticket] = time.Now().Add(ticketLife)
	base := s.cfg.WebSocketURL
	if base == "" {
		base = "ws" + s.host[len("http"):]
	}
	return strings.TrimSuffix(base, "/") + "/link/?ticket=" + ticket + "&app_id=" + s.cfg.AppID
}

// takeTicket consumes a ticket.
func (s *Server) takeTicket(ticket string) bool {
	s.mu.Lock()
	defer s.unlock()
	until, ok := s.mode.tickets[ticket]
	delete(s.mode.tickets, ticket)
	return ok && time.Now().Before(until)
}

// serveSocket serves one socket from the handshake to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, method: "socket", args: args{}, w: w, r: r}
	s.recordRequest(c)
	if s.beforeApply(c) {
		return
	}
	if !s.takeTicket(r.URL.Query().Get("ticket")) {
		c.recordStatus(http.StatusForbidden)
		http.Error(w, "ticket is unknown, used or too old", http.StatusForbidden)
		c.recordAnswered()
		return
	}
	c.recordStatus(http.StatusSwitchingProtocols)
	sock := &socket{wake: make(chan struct{}, 1), closing: make(chan struct{}), opened: time.Now()}
	sock.mute = c.fault != nil && c.fault.Kind == NoHello
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // any page may talk to a test server
		OnPingReceived:     func(context.Context, []byte) bool { return s.hears(sock) },
	})
	if err != nil {
		return // Accept has sent the response
	}
	conn.SetReadLimit(1 << 20)
	sock.conn = conn
	sock.ctx, sock.cut = context.WithCancel(r.Context())
	defer sock.cut()
	if !s.openSocket(sock.ctx, sock, r.URL.Query().Get("debug_reconnects") == "true") {
		_ = conn.CloseNow()
		return
	}
	s.runSocket(sock)
}

func (s *Server) hears(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !sock.halfOpen
}

// openSocket admits a socket, sends hello, and starts its writer and pinger.
func (s *Server) openSocket(ctx context.Context, sock *socket, debug bool) bool {
	s.mu.Lock()
	defer s.unlock()
	if s.closed {
		return false
	}
	s.mode.lastID++
	sock.id = s.mode.lastID
	s.mode.sockets = append(s.mode.sockets, sock)
	open := 0
	for _, other := range s.mode.sockets {
		if other.closed.IsZero() {
			open++
		}
	}
	life := s.cfg.SocketLife
	if debug {
		life = 360 * time.Second
	}
	s.spawn(func() { s.writeSocket(sock) })
	if s.cfg.PingInterval > 0 {
		s.spawn(func() { s.pingSocket(ctx, sock) })
	}
	switch {
	case sock.mute:
		sock.draining = true
		return true
	case open > s.cfg.MaxSockets:
		s.disconnect(sock, TooManyWebSockets)
		return true
	}
	sock.send(encode(object{
		"type": "hello", "num_connections": open, "connection_info": object{"app_id": s.cfg.AppID},
		"debug_info": object{
			"host": "applink-" + strconv.Itoa(sock.id), "build_number": 1, "started": sock.opened.UTC().String(),
			"approximate_connection_time": int(max(life, 3600*time.Second) / time.Second),
		},
	}))
	if life > 0 {
		s.after(max(0, life-warningTime), func() { s.refresh(sock, Warning) })
		s.after(life, func() { s.refresh(sock, RefreshRequested) })
	}
	return true
}

// runSocket reads until the connection ends and then removes the socket.
func (s *Server) runSocket(sock *socket) {
	for {
		_, frame, err := sock.conn.Read(sock.ctx)
		if err != nil {
			break
		}
		if s.hears(sock) {
			s.acknowledge(sock, frame)
		}
	}
	sock.cut()
	_ = sock.conn.CloseNow()
	s.mu.Lock()
	defer s.unlock()
	sock.closed = time.Now()
	sock.queue = nil
}

// writeSocket sends queued frames until the socket ends.
func (s *Server) writeSocket(sock *socket) {
	for {
		select {
		case <-sock.wake:
		case <-sock.closing:
			// The peer's close frame is read by runSocket.
			_ = sock.conn.Close(websocket.StatusNormalClosure, "")
			sock.cut()
			return
		case <-sock.ctx.Done():
			_ = sock.conn.CloseNow()
			return
		}
		s.mu.Lock()
		frames := sock.queue
		sock.queue = nil
		s.mu.Unlock()
		for _, f := range frames {
			if err := sock.conn.Write(sock.ctx, websocket.MessageText, f); err != nil {
				sock.cut()
				return
			}
		}
	}
}

// pingSocket pings until the socket ends, and closes it if the app has not answered for three intervals.
func (s *Server) pingSocket(life context.Context, sock *socket) {
	// This is not a Ticker: with the race detector, a Ticker that fires while nobody receives from it crashes Go 1.26.8
	// in a testing/synctest bubble.
	for {
		select {
		case <-time.After(s.cfg.PingInterval):
		case <-life.Done():
			return
		}
		if !s.hears(sock) {
			continue
		}
		ctx, cancel := context.WithTimeoutCause(life, 3*s.cfg.PingInterval, errNoPong)
		err := sock.conn.Ping(ctx)
		cancel()
		if err != nil && s.hears(sock) {
			sock.cut()
			return
		}
	}
}

var errNoPong = errors.New("no pong")

// Sockets lists the sockets that are open, oldest first.
func (s *Server) Sockets() []Socket {
	return slices.DeleteFunc(s.AllSockets(), func(x Socket) bool { return !x.Closed.IsZero() })
}

// AllSockets lists all sockets that were ever opened.
func (s *Server) AllSockets() []Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Socket, 0, len(s.mode.sockets))
	for _, sock := range s.mode.sockets {
		out = append(out, Socket{
			ID: sock.id, Opened: sock.opened, Closed: sock.closed, Draining: sock.draining, EventsStopped: sock.eventsStopped,
			HalfOpen: sock.halfOpen,
		})
	}
	return out
}

// newUUID returns an id in the form of Slack's envelope ids. s.mu is held.
func (s *Server) newUUID() string {
	a, b := s.rng.Uint64(), s.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}
