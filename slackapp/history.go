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

// pageSize is the number of messages that Slack recommends (https://docs.slack.dev/reference/methods/conversations.replies).
const pageSize = 200

// readOptions says which part of a thread to read.
type readOptions struct {
	// only is the ts of the only message to read, besides the root, which Slack always returns.
	only string
	// since is the ts to begin at. Slack returns the root in any case.
	since string
	// metadata asks for the metadata of apps' posts.
	metadata bool
	// call makes the calls. The default is App.call.
	call callFunc
}

// callFunc makes a call of the Web API and decodes the answer.
type callFunc func(ctx context.Context, c webapi.Call, form map[string][]string, v any) error

func (a *App) call(ctx context.Context, c webapi.Call, form map[string][]string, v any) error {
	_, err := a.api.Call(ctx, c, form, v)
	return err
}

// errStopReading is returned by a visitor to stop reading.
var errStopReading = errors.New("stop reading")

// readThread visits the messages of a thread once each, the root first, in the order they were written. Slack returns the
// earliest first, so reading the last ones takes every page. The errors are Faults, or those of visit; errStopReading is
// not an error.
func (a *App) readThread(ctx context.Context, at location, o readOptions, visit func(msg slackMessage) error) error {
	form := url.Values{"channel": {at.channel}, "ts": {at.root}, "limit": {strconv.Itoa(pageSize)}}
	if o.metadata {
		form.Set("include_all_metadata", "true")
	}
	if o.since != "" {
		form.Set("oldest", o.since)
		form.Set("inclusive", "true")
	}
	if o.only != "" {
		form.Set("oldest", o.only)
		form.Set("latest", o.only)
		form.Set("inclusive", "true")
		form.Set("limit", "10")
	}
	if o.call == nil {
		o.call = a.call
	}
	last := ""
	return a.readPages(ctx, webapi.Call{Method: methodReplies}, form, o.call, func(msg slackMessage) error {
		if last != "" && !bridge.TSBefore(last, msg.TS) {
			return nil // the root, which is on every page
		}
		last = msg.TS
		return visit(msg)
	})
}

// readNewest visits the latest page of a channel's own messages.
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

// readPages visits messages page by page, in Slack's order. They are decoded one by one, so that a malformed message is
// skipped and not its page. The errors are as in readThread.
func (a *App) readPages(ctx context.Context, c webapi.Call, form url.Values, makeCall callFunc, visit func(msg slackMessage) error) error {
	for {
		var page struct {
			Messages []json.RawMessage `json:"messages"`
			Next     nextPage          `json:"response_metadata"`
		}
		if err := makeCall(ctx, c, form, &page); err != nil {
			return err
		}
		if page.Messages == nil {
			return c.UnknownOutcome(webapi.ErrNotSlack) // not an empty list: callers draw conclusions from missing messages
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
			return c.Fault(bridge.ClassTemporary, "", 0, errors.New("slack returned the same page twice"))
		}
		form.Set("cursor", next)
	}
}

// readOne reads one message of a thread. The error is a Fault, ClassNotFound if the message doesn't exist.
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
		return slackMessage{}, notFound(errors.New("read message: not in its thread"))
	}
	return *found, nil
}

// readMessage reads a message that the bridge counts to a thread. In a direct message it may be outside of the Slack thread,
// because it continues an earlier line. The error is as in readOne.
func (a *App) readMessage(ctx context.Context, at location, ts string) (slackMessage, error) {
	msg, err := a.readOne(ctx, at, ts)
	if errors.Is(err, bridge.ClassNotFound) && (eventContext{channel: at.channel}).direct() {
		return a.readOne(ctx, location{at.channel, ts}, ts)
	}
	return msg, err
}

func notFound(err error) error {
	return &bridge.Fault{Class: bridge.ClassNotFound, Remote: bridge.ToSlack, Reason: "message_not_found", Err: err}
}

// Reread reads the current version of a message and passes it through the first half of the gate. The error is a Fault,
// ClassNotFound if the message is gone or would be ignored now.
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
	e := eventParser{identity: me, gate: a.gate}.parseMessage(msg, eventContext{channel: at.channel})
	if e.message == nil {
		return bridge.Message{}, notFound(errors.New("read message: ignored now: " + e.ignored))
	}
	if e.message.Aside != "" || e.message.Kind == bridge.KindApp {
		return bridge.Message{}, notFound(errors.New("read message: no longer addressed to the agent"))
	}
	e.message.Thread, e.message.Root = thread, ts == at.root
	return *e.message, nil
}
