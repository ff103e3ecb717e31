package slacktest

import (
	"slices"
	"strings"
	"time"
)

// readableChannel returns the channel of a call if the app may read it. s.mu is held.
func (s *Server) readableChannel(c *call) (*channel, error) {
	ch := s.world.channels[c.args["channel"]]
	if ch == nil || !s.hasBot(ch) && ch.Kind != Public {
		return nil, fail("channel_not_found")
	}
	if err := s.requireScope(ch.scopeName() + ":history"); err != nil {
		return nil, err
	}
	if !s.hasBot(ch) {
		return nil, fail("not_in_channel")
	}
	return ch, nil
}

// inWindow reports whether a ts is between oldest and latest of a call, which are exclusive unless inclusive is set.
func (c *call) inWindow(ts string) bool {
	inclusive := c.args.isTrue("inclusive")
	if oldest := c.args["oldest"]; oldest != "" && oldest != "0" {
		if d := compareTS(ts, oldest); d < 0 || d == 0 && !inclusive {
			return false
		}
	}
	if latest := c.args["latest"]; latest != "" {
		if d := compareTS(ts, latest); d > 0 || d == 0 && !inclusive {
			return false
		}
	}
	return true
}

// compareTS compares timestamps as numbers without going through floats; a missing fraction counts as zero.
func compareTS(a, b string) int {
	as, af, _ := strings.Cut(a, ".")
	bs, bf, _ := strings.Cut(b, ".")
	if len(as) != len(bs) {
		return len(as) - len(bs)
	}
	if d := strings.Compare(as, bs); d != 0 {
		return d
	}
	pad := func(f string) string { return (f + "000000")[:6] }
	return strings.Compare(pad(af), pad(bf))
}

// isInHistory reports whether a message is in history already: the app's own posts may lag behind.
func (s *Server) isInHistory(m *message) bool {
	return !m.own || s.cfg.HistoryLag == 0 || time.Since(m.stored) >= s.cfg.HistoryLag
}

// Page sizes from https://docs.slack.dev/reference/methods/conversations.replies and .history.
const (
	defaultReplies = 1000
	defaultHistory = 100
	maxPage        = 999
)

// replies is https://docs.slack.dev/reference/methods/conversations.replies: the parent, then the replies, earliest
// first.
func (s *Server) replies(c *call) (object, error) {
	ch, err := s.readableChannel(c)
	if err != nil {
		return nil, err
	}
	rootTS, ok := ch.rootOf(c.args["ts"])
	root := ch.byTS[rootTS]
	if !ok || root == nil || ch.isGone(root) || !s.isInHistory(root) {
		return nil, fail("thread_not_found")
	}
	after, err := cursorOf(c)
	if err != nil {
		return nil, err
	}
	var page []object
	metadata := c.args.isTrue("include_all_metadata")
	if after == "" || !s.cfg.ParentOnce {
		page = append(page, s.readJSON(ch, root, metadata))
	}
	limit := c.args.number("limit", defaultReplies, 1000)
	taken, more, last := 0, false, ""
	for _, m := range ch.currentReplies(rootTS) {
		if !s.isInHistory(m) || !c.inWindow(m.TS) || after != "" && compareTS(m.TS, after) <= 0 {
			continue
		}
		if taken == limit {
			more = true
			break
		}
		page = append(page, s.readJSON(ch, m, metadata))
		taken, last = taken+1, m.TS
	}
	return pageAnswer("messages", page, more, last), nil
}

// history is https://docs.slack.dev/reference/methods/conversations.history: newest first, no replies unless they
// were broadcast.
func (s *Server) history(c *call) (object, error) {
	ch, err := s.readableChannel(c)
	if err != nil {
		return nil, err
	}
	before, err := cursorOf(c)
	if err != nil {
		return nil, err
	}
	limit := c.args.number("limit", defaultHistory, maxPage)
	var page []object
	more, last := false, ""
	for _, m := range slices.Backward(ch.messages) {
		if m.isReply() && !m.Broadcast || ch.isGone(m) || !s.isInHistory(m) || !c.inWindow(m.TS) ||
			before != "" && compareTS(m.TS, before) >= 0 {
			continue
		}
		if len(page) == limit {
			more = true
			break
		}
		page = append(page, s.readJSON(ch, m, c.args.isTrue("include_all_metadata")))
		last = m.TS
	}
	return pageAnswer("messages", page, more, last), nil
}
