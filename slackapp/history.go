package slackapp

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/slackjson"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// The methods that read messages and list channels.
const (
	methodHistory  = "conversations.history"
	methodReplies  = "conversations.replies"
	methodChannels = "users.conversations"
)

// pageSize is what Slack recommends (https://docs.slack.dev/reference/methods/conversations.replies).
const pageSize = 200

// readOptions says which part of a thread to read, and how.
type readOptions struct {
	// only is the ts of the one message that is wanted, besides the root, which always comes along.
	only string
	// since is the ts from which on messages are wanted; the root comes along here, too.
	since string
	// metadata asks for what apps put beside their posts.
	metadata bool
	// call makes the calls; nil for at once.
	call callFunc
}

// callFunc makes a call of the Web API and decodes the answer.
type callFunc func(ctx context.Context, c webapi.Call, form map[string][]string, v any) error

func (a *App) call(ctx context.Context, c webapi.Call, form map[string][]string, v any) error {
	_, err := a.api.Call(ctx, c, form, v)
	return err
}

// errStopReading ends reading early.
var errStopReading = errors.New("enough read")

// readThread visits the messages of a thread, the root first and then in the order they were written, each once. Slack
// returns the earliest first, so that the last ones need every page. The errors are Faults, or what visit returns;
// errStopReading is none.
func (a *App) readThread(ctx context.Context, at location, p readOptions, visit func(msg slackMessage) error) error {
	form := url.Values{"channel": {at.channel}, "ts": {at.root}, "limit": {strconv.Itoa(pageSize)}}
	if p.metadata {
		form.Set("include_all_metadata", "true")
	}
	if p.since != "" {
		form.Set("oldest", p.since)
		form.Set("inclusive", "true")
	}
	if p.only != "" {
		form.Set("oldest", p.only)
		form.Set("latest", p.only)
		form.Set("inclusive", "true")
		form.Set("limit", "10")
	}
	if p.call == nil {
		p.call = a.call
	}
	last := ""
	return a.readPages(ctx, webapi.Call{Method: methodReplies}, form, p.call, func(msg slackMessage) error {
		if last != "" && !bridge.TSBefore(last, msg.TS) {
			return nil // the root, once more on a later page
		}
		last = msg.TS
		return visit(msg)
	})
}

// readNewest visits the last messages of a channel itself, a page of them.
func (a *App) readNewest(ctx context.Context, channel string, visit func(msg slackMessage) error) error {
	form := url.Values{"channel": {channel}, "limit": {strconv.Itoa(pageSize)}, "include_all_metadata": {"true"}}
	seen := 0
	return a.readPages(ctx, webapi.Call{Method: methodHistory}, form, a.call, func(msg slackMessage) error {
		if seen++; seen > pageSize {
			return errStopReading
		}
		return visit(msg)
	})
}

type nextPage struct {
	Cursor string `json:"next_cursor"`
}

// readPages visits messages page by page, as Slack returns them. They are decoded one by one: a malformed one costs itself
// and not its page. The errors are Faults, or what visit returns; errStopReading is none.
func (a *App) readPages(ctx context.Context, c webapi.Call, form url.Values, ask callFunc, visit func(msg slackMessage) error) error {
	for {
		var page struct {
			Messages []json.RawMessage `json:"messages"`
			Next     nextPage          `json:"response_metadata"`
		}
		if err := ask(ctx, c, form, &page); err != nil {
			return err
		}
		if page.Messages == nil {
			return c.UnknownOutcome(webapi.ErrNotSlack) // no list isn't an empty one: callers conclude from what is not there
		}
		for _, raw := range page.Messages {
			var msg slackMessage
			if err := slackjson.Unmarshal(raw, &msg); err != nil || !bridge.ValidTS(msg.TS) {
				continue // not a message
			}
			if err := visit(msg); errors.Is(err, errStopReading) {
				return nil
			} else if err != nil {
				return err
			}
		}
		next := page.Next.Cursor
		switch {
		case next == "" || form.Get("latest") != "":
			return nil
		case next == form.Get("cursor"):
			return c.Fault(bridge.ClassTemporary, "", 0, errors.New("the same page came twice"))
		}
		form.Set("cursor", next)
	}
}

// readOne reads one message of a thread. The error is a Fault, Missing when it is not there.
func (a *App) readOne(ctx context.Context, at location, ts string) (slackMessage, error) {
	var found *slackMessage
	err := a.readThread(ctx, at, readOptions{only: ts}, func(msg slackMessage) error {
		if msg.TS == ts {
			found = &msg
			return errStopReading
		}
		return nil
	})
	if code := webapi.ErrorCode(err); code == "thread_not_found" || code == "message_not_found" {
		return slackMessage{}, notFound(err)
	}
	if err != nil {
		return slackMessage{}, err
	}
	if found == nil {
		return slackMessage{}, notFound(errors.New("read message: it is not in its thread"))
	}
	return *found, nil
}

// readMessage reads one message that belongs to a thread: in a direct message it may stand outside of it, for it goes on with
// an earlier line. The error is as of one.
func (a *App) readMessage(ctx context.Context, at location, ts string) (slackMessage, error) {
	msg, err := a.readOne(ctx, at, ts)
	if errors.Is(err, bridge.ClassNotFound) && (eventContext{channel: at.channel}).direct() {
		return a.readOne(ctx, location{at.channel, ts}, ts)
	}
	return msg, err
}

func notFound(err error) error {
	return &bridge.Fault{Class: bridge.ClassNotFound, Reason: "message_not_found", Err: err}
}

// Reread reads a message again, as it stands now, through the first half of the gate. The error is a Fault: Missing
// when the message is not there any more, or is nothing that would be taken today.
func (a *App) Reread(ctx context.Context, thread bridge.ThreadKey, ts string) (bridge.Message, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return bridge.Message{}, err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return bridge.Message{}, err
	}
	msg, err := a.readMessage(ctx, at, ts)
	if err != nil {
		return bridge.Message{}, err
	}
	h := eventParser{identity: me, gate: a.gate}.parseMessage(msg, eventContext{channel: at.channel})
	if h.message == nil {
		return bridge.Message{}, notFound(errors.New("read message: ignored now: " + h.ignored))
	}
	if h.message.Aside != "" || h.message.Kind == bridge.KindApp {
		return bridge.Message{}, notFound(errors.New("read message: not for the agent now"))
	}
	h.message.Thread, h.message.Root = thread, ts == at.root
	return *h.message, nil
}
