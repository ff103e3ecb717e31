package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Click presses a button of a message, or of an ephemeral message that the user sees, or chooses from a list in it. The
// action is an action_id, or else the value of a button or an option, or else its label; the first match counts. The app
// gets one block_actions envelope, which Slack never delivers again. The errors are ErrNoButton, ErrNoMessage, ErrNoUser,
// ErrNoChannel, and ErrNoSocket if no socket is open.
func (s *Server) Click(user, channelID, ts, action string) error {
	s.mu.Lock()
	defer s.unlock()
	u, err := s.userOf(user)
	if err != nil {
		return fmt.Errorf("click: %w", err)
	}
	ch, err := s.channelOf(channelID)
	if err != nil {
		return fmt.Errorf("click: %w", err)
	}
	m, e := ch.byTS[ts], ch.ephemerals[ts]
	var blocks json.RawMessage
	switch {
	case m != nil && !m.Deleted:
		blocks = m.Blocks
	case e != nil && !e.Deleted && !e.Hidden && e.User == user:
		m, blocks = nil, e.Blocks
	default:
		return fmt.Errorf("click on %s: %w", ts, ErrNoMessage)
	}
	button := findButton(blocks, action)
	if button == nil {
		return fmt.Errorf("click %q on %s: %w", action, ts, ErrNoButton)
	}
	if s.pickSocket() == nil {
		return fmt.Errorf("click %q: %w", action, ErrNoSocket)
	}
	payload := s.interaction(ch, m, e, u, button)
	s.dispatch(&event{
		envelope: "interactive", kind: "block_actions", id: s.newID("In"), channel: ch.ID, ts: ts,
		payload: encode(payload),
	})
	return nil
}

// findButton finds a button by action_id, value or label, and returns it with its block_id.
func findButton(blocks json.RawMessage, action string) object {
	var list []any
	if json.Unmarshal(blocks, &list) != nil {
		return nil
	}
	matches := []func(object) bool{
		func(o object) bool { return o["action_id"] == action },
		func(o object) bool { return o["value"] == action },
		func(o object) bool {
			label, _ := o["text"].(object)
			return label["text"] == action
		},
	}
	for _, fits := range matches {
		for _, b := range list {
			block, _ := b.(object)
			var found object
			walk(b, func(o object) {
				switch {
				case found != nil:
				case o["type"] == "button" && fits(o):
					found = o
				case o["type"] == "static_select":
					found = selectOption(o, fits)
				}
			})
			if found != nil {
				found["block_id"] = block["block_id"]
				return found
			}
		}
	}
	return nil
}

// selectOption returns the menu with the matching option selected, or nil if none matches
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element).
func selectOption(list object, fits func(object) bool) object {
	options, _ := list["options"].([]any)
	for _, o := range options {
		if option, ok := o.(object); ok && fits(option) {
			return object{"type": "static_select", "action_id": list["action_id"], "selected_option": option}
		}
	}
	return nil
}

// interaction is https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
func (s *Server) interaction(ch *channel, m *message, e *Ephemeral, u *User, button object) object {
	ts, thread := "", ""
	if m != nil {
		ts, thread = m.TS, m.ThreadTS
	} else {
		ts, thread = e.TS, e.ThreadTS
	}
	container := object{"type": "message", "message_ts": ts, "channel_id": ch.ID, "is_ephemeral": m == nil}
	if thread != "" {
		container["thread_ts"] = thread
	}
	action := object{
		"type": button["type"], "action_id": button["action_id"], "block_id": button["block_id"], "action_ts": ch.nextTS(),
	}
	for _, k := range []string{"text", "value", "style", "url", "selected_option"} {
		if v, ok := button[k]; ok {
			action[k] = v
		}
	}
	name := ch.Name
	switch ch.Kind {
	case IM:
		name = "directmessage"
	case Private:
		name = "privategroup"
	case Public, MPIM:
	}
	payload := object{
		"type": "block_actions", "token": "not-a-secret", "api_app_id": s.cfg.AppID,
		"user":      object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID},
		"team":      object{"id": s.cfg.TeamID, "domain": s.teamDomain()},
		"container": container, "channel": object{"id": ch.ID, "name": name},
		"trigger_id": fmt.Sprintf("%d.%d.%s", time.Now().UnixMilli(), s.rng.Uint32(), strings.ToLower(s.newID(""))),
		"enterprise": nil, "is_enterprise_install": false, "state": object{"values": object{}},
		"response_url": s.openResponseURL(ch, m, e, u.ID), "actions": []object{action},
	}
	if s.cfg.EnterpriseID != "" {
		payload["enterprise"] = object{"id": s.cfg.EnterpriseID, "name": s.cfg.TeamName}
	}
	if m != nil {
		payload["message"] = s.messageJSON(m, false)
	}
	return payload
}

// responseURL is the URL for responses to one interaction.
type responseURL struct {
	channel   *channel
	message   *message
	ephemeral *Ephemeral
	user      string
	uses      int
	until     time.Time
}

// Limits of https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

func (s *Server) openResponseURL(ch *channel, m *message, e *Ephemeral, user string) string {
	id := s.newID("")
	s.apiState.urls[id] = &responseURL{
		channel: ch, message: m, ephemeral: e, user: user, until: time.Now().Add(responseLife),
	}
	return s.baseURL() + "/response/" + s.cfg.TeamID + "/" + id
}

// serveResponseURL handles an app's response to an interaction.
func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(r)
	c := &call{s: s, method: "response_url", args: a, w: w, r: r}
	s.recordRequest(c)
	if s.beforeApply(c) {
		return
	}
	body := object{"ok": true}
	if err == nil {
		err = s.respond(c, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
	}
	if err != nil {
		body, c.status = s.errorAnswer(err), http.StatusNotFound
	}
	s.runHook(c, func(h *hooks) func(Request) { return h.applied })
	s.afterApply(c, body)
}

func (s *Server) respond(c *call, id string) error {
	s.mu.Lock()
	defer s.unlock()
	u := s.apiState.urls[id]
	if u == nil || u.uses >= responseUses || time.Now().After(u.until) {
		return fail("used_url")
	}
	if c.args.isTrue("delete_original") {
		u.uses++
		s.deleteOriginal(u)
		return nil
	}
	body, err := s.contentOf(c)
	if err != nil {
		return err
	}
	u.uses++
	c.record.Applied = true
	switch {
	case c.args.isTrue("replace_original"):
		s.replaceOriginal(u, body)
	case c.args["response_type"] == "in_channel":
		m := &message{
			Message: Message{User: s.cfg.BotUserID, BotID: s.cfg.BotID, ThreadTS: c.args["thread_ts"]},
			own:     true, appID: s.cfg.AppID, team: s.cfg.TeamID,
		}
		m.set(body)
		s.addMessage(u.channel, m)
	default:
		s.postEphemeral(u.channel, u.user, c.args["thread_ts"], body)
	}
	return nil
}

func (s *Server) replaceOriginal(u *responseURL, body messageContent) {
	if u.message == nil {
		u.ephemeral.Text, u.ephemeral.Blocks = body.text, body.blocks
		return
	}
	before := s.messageJSON(u.message, true)
	u.message.set(body)
	u.message.Updates++
	s.sendMessageEvent(u.channel, s.changedEvent(u.channel, u.message, before))
}

func (s *Server) deleteOriginal(u *responseURL) {
	if u.message == nil {
		u.ephemeral.Deleted = true
		return
	}
	if !u.message.Deleted {
		s.removeMessage(u.channel, u.message)
	}
}
