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

// pages says which part of a thread to read, and how.
type pages struct {
	// only is the ts of the one message that is wanted, besides the root, which always comes along.
	only string
	// since is the ts from which on messages are wanted; the root comes along here, too.
	since string
	// metadata asks for what apps put beside their posts.
	metadata bool
	// ask makes the calls; nil for at once.
	ask asker
}

// asker makes a call of the Web API and decodes the answer.
type asker func(ctx context.Context, c webapi.Call, form map[string][]string, v any) error

func (a *App) ask(ctx context.Context, c webapi.Call, form map[string][]string, v any) error {
	_, err := a.api.Call(ctx, c, form, v)
	return err
}

// errEnough ends reading early.
var errEnough = errors.New("enough read")

// replies visits the messages of a thread, the root first and then in the order they were written, each once. Slack
// returns the earliest first, so that the last ones need every page. The errors are Faults, or what visit returns;
// errEnough is none.
func (a *App) replies(ctx context.Context, at place, p pages, visit func(u utterance) error) error {
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
	if p.ask == nil {
		p.ask = a.ask
	}
	last := ""
	return a.read(ctx, webapi.Call{Method: methodReplies}, form, p.ask, func(u utterance) error {
		if last != "" && !bridge.TSBefore(last, u.TS) {
			return nil // the root, once more on a later page
		}
		last = u.TS
		return visit(u)
	})
}

// newest visits the last messages of a channel itself, a page of them.
func (a *App) newest(ctx context.Context, channel string, visit func(u utterance) error) error {
	form := url.Values{"channel": {channel}, "limit": {strconv.Itoa(pageSize)}, "include_all_metadata": {"true"}}
	seen := 0
	return a.read(ctx, webapi.Call{Method: methodHistory}, form, a.ask, func(u utterance) error {
		if seen++; seen > pageSize {
			return errEnough
		}
		return visit(u)
	})
}

type nextPage struct {
	Cursor string `json:"next_cursor"`
}

// read visits messages page by page, as Slack returns them. They are decoded one by one: a malformed one costs itself
// and not its page. The errors are Faults, or what visit returns; errEnough is none.
func (a *App) read(ctx context.Context, c webapi.Call, form url.Values, ask asker, visit func(u utterance) error) error {
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
			var u utterance
			if err := slackjson.Unmarshal(raw, &u); err != nil || !bridge.ValidTS(u.TS) {
				continue // not a message
			}
			if err := visit(u); errors.Is(err, errEnough) {
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

// one reads one message of a thread. The error is a Fault, Missing when it is not there.
func (a *App) one(ctx context.Context, at place, ts string) (utterance, error) {
	var found *utterance
	err := a.replies(ctx, at, pages{only: ts}, func(u utterance) error {
		if u.TS == ts {
			found = &u
			return errEnough
		}
		return nil
	})
	if code := webapi.ErrorCode(err); code == "thread_not_found" || code == "message_not_found" {
		return utterance{}, missing(err)
	}
	if err != nil {
		return utterance{}, err
	}
	if found == nil {
		return utterance{}, missing(errors.New("read message: it is not in its thread"))
	}
	return *found, nil
}

// find reads one message that belongs to a thread: in a direct message it may stand outside of it, for it goes on with
// an earlier line. The error is as of one.
func (a *App) find(ctx context.Context, at place, ts string) (utterance, error) {
	u, err := a.one(ctx, at, ts)
	if errors.Is(err, bridge.ClassNotFound) && (setting{channel: at.channel}).direct() {
		return a.one(ctx, place{at.channel, ts}, ts)
	}
	return u, err
}

func missing(err error) error {
	return &bridge.Fault{Class: bridge.ClassNotFound, Reason: "message_not_found", Err: err}
}

// Reread reads a message again, as it stands now, through the first half of the gate. The error is a Fault: Missing
// when the message is not there any more, or is nothing that would be taken today.
func (a *App) Reread(ctx context.Context, thread bridge.ThreadKey, ts string) (bridge.Message, error) {
	at, err := a.aliases.placeOf(thread)
	if err != nil {
		return bridge.Message{}, err
	}
	me, err := a.auth.identity(ctx)
	if err != nil {
		return bridge.Message{}, err
	}
	u, err := a.find(ctx, at, ts)
	if err != nil {
		return bridge.Message{}, err
	}
	h := reader{self: me, gate: a.gate}.said(u, setting{channel: at.channel})
	if h.message == nil {
		return bridge.Message{}, missing(errors.New("read message: ignored now: " + h.ignored))
	}
	if h.message.Aside != "" || h.message.Kind == bridge.KindApp {
		return bridge.Message{}, missing(errors.New("read message: not for the agent now"))
	}
	h.message.Thread, h.message.Root = thread, ts == at.root
	return *h.message, nil
}
