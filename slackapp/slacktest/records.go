package slacktest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Request is one request to the Web API as it was received and answered.
type Request struct {
	// Seq counts from 1.
	Seq    int
	Method string
	// Args are the arguments without the token; values of a JSON body that are not strings are kept as JSON.
	Args map[string]string
	// Token says which token the request had: bot, app, none or unknown. The token itself is never kept.
	Token string
	At    time.Time
	// Applied is set if the method ran and succeeded, even if the response was lost.
	Applied bool
	// Fault is the kind of the fault that affected the request; empty for none.
	Fault FaultKind
	// Status, Error and Answer are the response meant for the client. Status is 0 while there is none; Error is empty
	// if Slack's response has ok:true.
	Status int
	Error  string
	Answer json.RawMessage
	// AnsweredAt is when the response was sent or lost.
	AnsweredAt time.Time
	// Unexpected marks a method or path that the server doesn't know.
	Unexpected bool
}

// ThreadStatus is one call of assistant.threads.setStatus.
type ThreadStatus struct {
	Channel, ThreadTS, Status string
	LoadingMessages           string
	At                        time.Time
}

type records struct {
	requests   []*Request
	seq        int
	deliveries []*Delivery
	acks       []Ack
	ephemerals []*Ephemeral
}

func (r *records) addDelivery(d *Delivery, keep int) {
	r.deliveries = bounded(append(r.deliveries, d), keep)
}

func (r *records) addAck(a Ack, keep int) { r.acks = bounded(append(r.acks, a), keep) }

// bounded keeps the newest records. It trims the list only at twice the limit, so that trimming is cheap.
func bounded[T any](list []T, keep int) []T {
	if keep <= 0 || len(list) <= 2*keep {
		return list
	}
	return slices.Clone(list[len(list)-keep:])
}

func newest[T any](list []T, keep int) []T {
	if keep > 0 && len(list) > keep {
		return list[len(list)-keep:]
	}
	return list
}

// recordRequest records that a request was received, and runs the OnRequest hook.
func (s *Server) recordRequest(c *call) {
	s.mu.Lock()
	s.records.seq++
	whose := "unknown"
	switch c.token {
	case "":
		whose = "none"
	case s.botToken:
		whose = "bot"
	case s.cfg.AppToken:
		whose = "app"
	}
	c.record = &Request{Seq: s.records.seq, Method: c.method, Args: maps.Clone(c.args), Token: whose, At: time.Now()}
	s.records.requests = bounded(append(s.records.requests, c.record), s.cfg.KeepRequests)
	s.unlock()
	s.runHook(c, func(h *hooks) func(Request) { return h.request })
}

// recordStray records a request to a path that Slack does not have.
func (s *Server) recordStray(r *http.Request) {
	s.mu.Lock()
	defer s.unlock()
	s.records.seq++
	s.records.requests = bounded(append(s.records.requests, &Request{
		Seq: s.records.seq, Method: r.Method + " " + r.URL.Path, At: time.Now(), Status: http.StatusNotFound,
		Unexpected: true,
	}), s.cfg.KeepRequests)
}

// Requests returns the requests, oldest first; with method names only those of these methods.
func (s *Server) Requests(methods ...string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range newest(s.records.requests, s.cfg.KeepRequests) {
		if len(methods) == 0 || slices.Contains(methods, r.Method) {
			out = append(out, *r)
		}
	}
	return out
}

// Unexpected lists requests for methods and paths that the server doesn't know.
func (s *Server) Unexpected() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return !r.Unexpected })
}

// Deliveries lists the envelopes routed to sockets, oldest first; with types only those inner types.
func (s *Server) Deliveries(types ...string) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, d := range newest(s.records.deliveries, s.cfg.KeepRequests) {
		if len(types) == 0 || slices.Contains(types, d.Type) {
			out = append(out, *d)
		}
	}
	return out
}

// Acks lists the acknowledgements that arrived, oldest first, whether they counted or not.
func (s *Server) Acks() []Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(newest(s.records.acks, s.cfg.KeepRequests))
}

// Acked reports whether the app got events about the message with that ts and has acknowledged all of them.
func (s *Server) Acked(channel, ts string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channel]
	if ch == nil || ch.byTS[ts] == nil {
		return false
	}
	told := ch.byTS[ts].receipts
	return len(told) > 0 && !slices.ContainsFunc(told, func(r *receipt) bool { return !r.settled })
}

// Ephemerals returns the messages that only that person saw, oldest first; with an empty user, everybody's. Those that
// Slack doesn't show are left out: see HiddenEphemerals.
func (s *Server) Ephemerals(user string) []Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Ephemeral
	for _, e := range s.records.ephemerals {
		if !e.Hidden && (user == "" || e.User == user) {
			out = append(out, *e)
		}
	}
	return out
}

// HiddenEphemerals returns the messages that were meant for one person and that Slack doesn't show, oldest first.
func (s *Server) HiddenEphemerals() []Ephemeral {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Ephemeral
	for _, e := range s.records.ephemerals {
		if e.Hidden {
			out = append(out, *e)
		}
	}
	return out
}

// Statuses lists the calls of assistant.threads.setStatus, oldest first.
func (s *Server) Statuses() []ThreadStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.apiState.statuses)
}

// View is the newest home tab published for the user, as JSON, or empty.
func (s *Server) View(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apiState.views[user]
}

// Thread is a copy of a thread: the root, then the replies by ts, deleted ones marked. It is empty if there is no such
// root.
func (s *Server) Thread(channelID, root string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channelID]
	if ch == nil || ch.byTS[root] == nil {
		return nil
	}
	out := []Message{ch.byTS[root].clone()}
	for _, m := range ch.replies[root] {
		out = append(out, m.clone())
	}
	return out
}

// Messages returns a copy of all messages in a channel, replies and deleted messages included, by ts.
func (s *Server) Messages(channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channelID]
	if ch == nil {
		return nil
	}
	out := make([]Message, 0, len(ch.messages))
	for _, m := range ch.messages {
		out = append(out, m.clone())
	}
	return out
}

// Message is a copy of one message, and whether there is one.
func (s *Server) Message(channelID, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.world.channels[channelID]
	if ch == nil || ch.byTS[ts] == nil {
		return Message{}, false
	}
	return ch.byTS[ts].clone(), true
}

// Reactions are the app's reactions on a message, sorted by name. See Message for those of other people.
func (s *Server) Reactions(channelID, ts string) []string {
	m, _ := s.Message(channelID, ts)
	out := []string{}
	for _, r := range m.Reactions {
		if slices.Contains(r.Users, s.cfg.BotUserID) {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return out
}
