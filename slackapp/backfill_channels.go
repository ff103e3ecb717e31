package slackapp

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strconv"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// maxChannelPages limits the pages that are read of one channel.
const maxChannelPages = 15

// channels reads every channel that we are in. It reports whether all of them could be read.
func (r *backfillRound) channels(ctx context.Context) bool {
	ids, err := r.ownChannels(ctx)
	if err != nil {
		r.failed(ctx, "", err)
		return false
	}
	complete := true
	for _, id := range ids {
		err := r.channel(ctx, id)
		if err != nil {
			r.failed(ctx, id, err)
		}
		// What Slack refuses now it refuses in the next round, too.
		complete = complete && (err == nil || isRefused(err))
	}
	return complete
}

// ownChannels lists the channels that we are in (https://docs.slack.dev/reference/methods/users.conversations).
func (r *backfillRound) ownChannels(ctx context.Context) (ids []string, err error) {
	form := url.Values{
		"types": {"public_channel,private_channel,mpim,im"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)},
	}
	for {
		var page struct {
			Channels []idObject `json:"channels"`
			Next     nextPage   `json:"response_metadata"`
		}
		if err := r.call(ctx, webapi.Call{Method: methodChannels}, form, &page); err != nil {
			return nil, err
		}
		for _, ch := range page.Channels {
			if validID(ch.ID) {
				ids = append(ids, ch.ID)
			}
		}
		next := page.Next.Cursor
		if next == "" || next == form.Get("cursor") {
			return ids, nil
		}
		form.Set("cursor", next)
	}
}

// channel reads a channel's own messages, and then those of its threads that have messages since the mark. That it is
// listed shows that we are in it.
func (r *backfillRound) channel(ctx context.Context, id string) error {
	if _, err := r.app.channelJoined(ctx, r.inlet, channelKey(r.parser.identity.Team, id)); err != nil {
		return err
	}
	from := r.from(r.mark)
	messages, roots, err := r.history(ctx, id, from)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(messages) {
		var err error
		if m.Thread, err = r.app.aliases.storedKey(ctx, m.Thread); err == nil {
			err = r.deliver(ctx, m, from)
		}
		if err != nil {
			return err
		}
	}
	for _, root := range slices.Backward(roots) {
		key, err := r.app.aliases.storedKey(ctx, location{id, root}.key(r.parser.identity.Team))
		if err != nil {
			return err
		}
		if r.done[key] {
			continue
		}
		if err := r.thread(ctx, key, from); err != nil && !isRefused(err) {
			return err
		}
	}
	return nil
}

// history reads a channel's own messages, the newest first, as far back as threads may have begun that have messages
// since from. It returns the messages that may be for us, and the roots of those threads.
func (r *backfillRound) history(ctx context.Context, id, from string) (messages []bridge.Message, roots []string, err error) {
	form := url.Values{"channel": {id}, "limit": {strconv.Itoa(pageSize)}, "oldest": {r.oldest()}}
	read := 0
	err = r.app.readPages(ctx, webapi.Call{Method: methodHistory}, form, r.call, func(msg slackMessage) error {
		if read++; read > maxChannelPages*pageSize {
			r.skipped(ctx, "messages of a channel", 1, slog.String("channel", id))
			return errStopReading
		}
		if last := msg.LatestReply; bridge.ValidTS(last) && !bridge.TSBefore(last, from) {
			roots = append(roots, msg.TS)
		}
		e := r.parse(msg, eventContext{channel: id})
		if m := e.message; m != nil && (m.Kind != bridge.KindReply || m.Edited != "") && m.Root {
			messages = append(messages, *m)
		}
		return nil
	})
	return messages, roots, err
}

// isRefused reports whether Slack refuses to show a channel or thread.
func isRefused(err error) bool {
	return errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotInChannel)
}
