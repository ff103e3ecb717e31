package slacktest

import (
	"time"
)

// DisconnectReason is the reason of a disconnect frame
// (https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect).
type DisconnectReason string

// The reasons Slack gives. After Warning the socket lives about ten seconds longer and still gets events; after the
// others it gets none and is closed after Config.CloseGrace. LinkDisabled also makes apps.connections.open fail until
// EnableLink.
const (
	Warning           DisconnectReason = "warning"
	RefreshRequested  DisconnectReason = "refresh_requested"
	LinkDisabled      DisconnectReason = "link_disabled"
	TooManyWebSockets DisconnectReason = "too_many_websockets"
)

// warningTime is how long before it closes a socket Slack sends a warning.
const warningTime = 10 * time.Second

// Every means all open sockets, in place of a socket's id.
const Every = 0

// each calls f for the open socket with that id, or for all, and returns how many there were.
func (s *Server) each(id int, f func(*socket)) int {
	s.mu.Lock()
	defer s.unlock()
	n := 0
	for _, sock := range s.mode.sockets {
		if sock.closed.IsZero() && (id == Every || id == sock.id) {
			f(sock)
			n++
		}
	}
	return n
}

// Disconnect sends a disconnect frame to the socket with that id, or to Every one, and later closes it. It returns the
// number of sockets concerned.
func (s *Server) Disconnect(id int, reason DisconnectReason) int {
	return s.each(id, func(sock *socket) {
		if reason == LinkDisabled {
			s.mode.linked = false
		}
		s.disconnect(sock, reason)
	})
}

// EnableLink switches Socket Mode on again after LinkDisabled.
func (s *Server) EnableLink() {
	s.mu.Lock()
	defer s.unlock()
	s.mode.linked = true
}

// disconnect sends the frame and schedules the end of the socket. s.mu is held.
func (s *Server) disconnect(sock *socket, reason DisconnectReason) {
	grace := s.cfg.CloseGrace
	if reason == Warning {
		grace = warningTime
	} else {
		sock.draining = true
	}
	sock.send(disconnectFrame(reason))
	s.after(grace, func() { s.hangUp(sock) })
}

func disconnectFrame(reason DisconnectReason) []byte {
	return encode(object{"type": "disconnect", "reason": string(reason), "debug_info": object{"host": "applink-0"}})
}

// refresh sends the warning about the end of a socket's life, or ends it.
func (s *Server) refresh(sock *socket, reason DisconnectReason) {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case !sock.closed.IsZero() || sock.finishing:
	case reason == Warning:
		sock.send(disconnectFrame(reason))
	default:
		s.disconnect(sock, reason)
	}
}

// hangUp begins the close handshake.
func (s *Server) hangUp(sock *socket) {
	s.mu.Lock()
	defer s.unlock()
	s.finish(sock)
}

// finish begins the close handshake and cuts the connection if the app doesn't complete it. s.mu is held.
func (s *Server) finish(sock *socket) {
	if !sock.closed.IsZero() || sock.finishing {
		return
	}
	sock.draining, sock.finishing = true, true
	close(sock.closing)
	s.after(warningTime, sock.cut)
}

// Hangup closes the socket with a close handshake and no disconnect frame.
func (s *Server) Hangup(id int) int {
	return s.each(id, s.finish)
}

// Cut closes the network connection without a close handshake.
func (s *Server) Cut(id int) int { return s.each(id, func(sock *socket) { sock.cut() }) }

// StopEvents drops the events for the socket while pings continue, so that the app can't notice.
func (s *Server) StopEvents(id int) int {
	return s.each(id, func(sock *socket) { sock.eventsStopped = true })
}

// HalfOpen leaves the socket open but makes it neither send nor receive anything from now on, pings included.
func (s *Server) HalfOpen(id int) int {
	return s.each(id, func(sock *socket) {
		sock.halfOpen = true
		sock.queue = nil
	})
}

// Revive ends StopEvents and HalfOpen.
func (s *Server) Revive(id int) int {
	return s.each(id, func(sock *socket) { sock.eventsStopped, sock.halfOpen = false, false })
}

// SendFrame sends any text as a frame: invalid JSON, an unknown type, megabytes.
func (s *Server) SendFrame(id int, frame string) int {
	return s.each(id, func(sock *socket) { sock.send([]byte(frame)) })
}
