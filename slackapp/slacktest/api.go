package slacktest

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenKind says which token a method takes.
type tokenKind int

const (
	botToken tokenKind = iota
	appToken
	noToken
)

// method is one method of the Web API.
type method struct {
	token tokenKind
	// scope is needed by every call; methods whose scope depends on the channel check it themselves.
	scope string
	// run makes the response and changes the state. Server.mu is held.
	run func(*Server, *call) (object, error)
}

// methods are the methods that the server knows. Any other is answered with unknown_method and recorded as unexpected.
var methods = map[string]method{
	"api.test":                    {noToken, "", (*Server).apiTest},
	"auth.test":                   {botToken, "", (*Server).authTest},
	"apps.connections.open":       {appToken, "connections:write", (*Server).connectionsOpen},
	"assistant.threads.setStatus": {botToken, "chat:write", (*Server).setStatus},
	"bots.info":                   {botToken, "users:read", (*Server).botsInfo},
	"chat.delete":                 {botToken, "chat:write", (*Server).chatDelete},
	"chat.getPermalink":           {botToken, "", (*Server).chatPermalink},
	"chat.postEphemeral":          {botToken, "chat:write", (*Server).chatPostEphemeral},
	"chat.postMessage":            {botToken, "chat:write", (*Server).chatPostMessage},
	"chat.update":                 {botToken, "chat:write", (*Server).chatUpdate},
	"conversations.history":       {botToken, "", (*Server).history},
	"conversations.info":          {botToken, "", (*Server).channelInfo},
	"conversations.join":          {botToken, "channels:join", (*Server).channelJoin},
	"conversations.list":          {botToken, "", (*Server).channelList},
	"conversations.members":       {botToken, "", (*Server).channelMembers},
	"conversations.open":          {botToken, "im:write", (*Server).channelOpen},
	"conversations.replies":       {botToken, "", (*Server).replies},
	"files.info":                  {botToken, "files:read", (*Server).filesInfo},
	"reactions.add":               {botToken, "reactions:write", (*Server).reactionsAdd},
	"reactions.get":               {botToken, "reactions:read", (*Server).reactionsGet},
	"reactions.remove":            {botToken, "reactions:write", (*Server).reactionsRemove},
	"team.info":                   {botToken, "team:read", (*Server).teamInfo},
	"usergroups.list":             {botToken, "usergroups:read", (*Server).groupsList},
	"usergroups.users.list":       {botToken, "usergroups:read", (*Server).groupUsers},
	"users.conversations":         {botToken, "", (*Server).usersConversations},
	"users.info":                  {botToken, "users:read", (*Server).usersInfo},
	"users.list":                  {botToken, "users:read", (*Server).usersList},
	"views.publish":               {botToken, "", (*Server).viewsPublish},
}

// apiState is the state of the Web API besides users, channels and messages.
type apiState struct {
	buckets  map[string]*bucket
	statuses []ThreadStatus
	views    map[string]string // by user
	urls     map[string]*responseURL
}

func newAPIState() apiState {
	return apiState{buckets: map[string]*bucket{}, views: map[string]string{}, urls: map[string]*responseURL{}}
}

// call is a request to the Web API that is being handled.
type call struct {
	s        *Server
	method   string
	args     args
	token    string
	w        http.ResponseWriter
	r        *http.Request
	record   *Request
	fault    *Fault   // the rule that matched, for its effect after the method is applied
	warnings []string // for response_metadata
	status   int      // of the response; 0 for the default
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	a, err := readArgs(r)
	c := &call{s: s, method: name, args: a, w: w, r: r, token: a.takeToken(r)}
	s.recordRequest(c)
	if err != nil {
		c.finish(0, s.errorAnswer(err))
		return
	}
	if s.beforeApply(c) {
		return
	}
	answer := s.apply(c)
	if c.fault != nil && c.fault.Kind == Duplicate {
		answer = s.apply(c)
	}
	s.runHook(c, func(h *hooks) func(Request) { return h.applied })
	s.afterApply(c, answer)
}

// apply runs the method once and returns the body of the response.
func (s *Server) apply(c *call) object {
	s.mu.Lock()
	defer s.unlock()
	body, err := s.runMethod(c)
	if err != nil {
		body = s.errorAnswer(err)
	} else {
		body["ok"] = true
		c.record.Applied = true
	}
	if len(c.warnings) > 0 {
		body["warning"] = strings.Join(c.warnings, ",")
		meta, _ := body["response_metadata"].(object)
		if meta == nil {
			meta = object{}
		}
		meta["warnings"] = c.warnings
		body["response_metadata"] = meta
	}
	return body
}

// runMethod checks token, scope and rate limit before the method itself. s.mu is held.
func (s *Server) runMethod(c *call) (object, error) {
	m, known := methods[c.method]
	if !known {
		c.record.Unexpected = true
		return nil, apiError{code: "unknown_method", extra: object{"req_method": c.method}}
	}
	if err := s.authorize(c, m); err != nil {
		return nil, err
	}
	if wait, ok := s.takeToken(c); !ok {
		c.w.Header().Set("Retry-After", strconv.Itoa(wait))
		return nil, fail("ratelimited")
	}
	return m.run(s, c)
}

func (s *Server) authorize(c *call, m method) error {
	scopes := s.scopes
	switch {
	case m.token == noToken:
		return nil
	case c.token == "":
		return fail("not_authed")
	case m.token == botToken && c.token == s.botToken:
	case m.token == appToken && c.token == s.cfg.AppToken:
		scopes = s.appScopes
	case c.token == s.botToken, c.token == s.cfg.AppToken && c.method != "auth.test":
		return fail("not_allowed_token_type")
	case c.token == s.cfg.AppToken:
		scopes = s.appScopes
	default:
		return fail("invalid_auth")
	}
	c.w.Header().Set("X-Oauth-Scopes", strings.Join(sortedKeys(scopes), ","))
	if m.scope != "" {
		c.w.Header().Set("X-Accepted-Oauth-Scopes", m.scope)
		if !scopes[m.scope] {
			return missingScope(m.scope, scopes)
		}
	}
	return nil
}

// requireScope checks a scope that depends on the arguments. s.mu is held.
func (s *Server) requireScope(scope string) error {
	if s.scopes[scope] {
		return nil
	}
	return missingScope(scope, s.scopes)
}

func missingScope(needed string, have map[string]bool) error {
	return apiError{code: "missing_scope", extra: object{
		"needed": needed, "provided": strings.Join(sortedKeys(have), ","),
	}}
}

func (s *Server) errorAnswer(err error) object {
	body := object{"ok": false, "error": "fatal_error"}
	var e apiError
	if errors.As(err, &e) {
		body["error"] = e.code
		for k, v := range e.extra {
			body[k] = v
		}
	}
	return body
}

// finish sends a complete response and records it. Status 0 means 200, or 429 for ratelimited.
func (c *call) finish(status int, body object) {
	raw := c.recordAnswer(status, body)
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	c.w.WriteHeader(c.record.Status)
	_, _ = c.w.Write(raw) // the client may have disconnected; the record has the response in any case
	c.recordAnswered()
}

// recordAnswer records the response before it is sent.
func (c *call) recordAnswer(status int, body object) []byte {
	raw := encode(body)
	code, _ := body["error"].(string)
	if status == 0 {
		status = c.status
	}
	if status == 0 {
		status = http.StatusOK
		if code == "ratelimited" {
			status = http.StatusTooManyRequests
		}
	}
	c.s.mu.Lock()
	defer c.s.unlock()
	c.record.Status, c.record.Error, c.record.Answer = status, code, raw
	return raw
}

// recordAnswered records that the response was sent, or was lost.
func (c *call) recordAnswered() {
	c.s.mu.Lock()
	c.record.AnsweredAt = time.Now()
	c.s.unlock()
	c.s.runHook(c, func(h *hooks) func(Request) { return h.answered })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
