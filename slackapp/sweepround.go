package slackapp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// The methods of a sweep.
const (
	methodHistory  = "conversations.history"
	methodReplies  = "conversations.replies"
	methodChannels = "users.conversations"
)

// maxHistory and maxReplies bound the pages that are read of one channel, and of one thread.
const maxHistory, maxReplies = 15, 50

// round reads the threads in use, and the channels where they are owed. It reports whether something was left to the
// sockets that they may not bring.
func (s *Sweeps) round(ctx context.Context) (again bool) {
	me, err := s.app.whoami(ctx)
	if err != nil {
		s.failed(ctx, "", err)
		return false
	}
	r := &sweep{Sweeps: s, reader: reader{self: me, gate: s.app.gate}, began: time.Now(), done: map[bridge.ThreadKey]bool{}}
	s.mu.Lock()
	r.mark, r.upSince = s.mark, s.upSince
	s.mu.Unlock()
	owed := s.takeOwed()
	for key := range s.next(ctx, r.done) {
		if ctx.Err() != nil {
			return false
		}
		r.inUse(ctx, key)
	}
	r.renamedChannels(ctx)
	complete := !owed || r.channels(ctx) && !r.again
	if owed && !complete {
		s.owe()
	}
	if ctx.Err() == nil {
		s.advance(ctx, r.began, complete)
	}
	return r.again
}

// next yields the threads in use: those that somebody waits for, then those that were read least lately, the last
// used first.
func (s *Sweeps) next(ctx context.Context, done map[bridge.ThreadKey]bool) func(yield func(bridge.ThreadKey) bool) {
	return func(yield func(bridge.ThreadKey) bool) {
		s.mu.Lock()
		var turn []bridge.ThreadKey
		for key, u := range s.used {
			if time.Since(u.last) > usedFor && s.pending[key] == nil {
				delete(s.used, key)
				continue
			}
			turn = append(turn, key)
		}
		slices.SortFunc(turn, func(a, b bridge.ThreadKey) int {
			x, y := s.used[a], s.used[b]
			return cmp.Or(cmp.Compare(x.read, y.read), y.last.Compare(x.last), cmp.Compare(a, b))
		})
		limit := max(maxTick, len(s.pending))
		s.mu.Unlock()
		if more := len(turn) - limit; more > 0 {
			s.leftOut(ctx, "threads in use, until the next round", more)
			turn = turn[:limit]
		}
		for len(turn) > 0 {
			s.mu.Lock()
			if len(s.urgent) > 0 {
				turn = append([]bridge.ThreadKey{s.urgent[0]}, turn...)
				s.urgent = s.urgent[1:]
			}
			s.mu.Unlock()
			key := turn[0]
			turn = turn[1:]
			if !done[key] && !yield(key) {
				return
			}
		}
	}
}

// advance moves the mark to what all threads and channels have been read up to.
func (s *Sweeps) advance(ctx context.Context, began time.Time, complete bool) {
	s.mu.Lock()
	mark := bridge.FormatTS(began)
	for _, u := range s.used {
		if bridge.TSBefore(u.read, mark) {
			mark = u.read
		}
	}
	if s.owed || !complete || !bridge.TSBefore(s.mark, mark) {
		s.mu.Unlock()
		return
	}
	s.mark = mark
	s.mu.Unlock()
	s.setMark(ctx, mark)
}

// failed tells of a channel or a thread that can't be read.
func (s *Sweeps) failed(ctx context.Context, where string, err error) {
	if ctx.Err() != nil {
		return
	}
	s.app.obs.Tally(TallySweep, SweepFailed)
	s.app.log.LogAttrs(ctx, slog.LevelWarn, "can't look for missed messages", slog.String("in", where), slog.Any("err", err))
}

// sweep is one round.
type sweep struct {
	*Sweeps
	reader  reader
	began   time.Time
	mark    string
	upSince time.Time
	// done are the threads that were read in this round.
	done map[bridge.ThreadKey]bool
	// again: something was left to sockets that were just coming up.
	again bool
	// renaming: what is read may have come by a socket under an id that we did not know.
	renaming bool
}

// from is where reading begins that has to go on at the mark.
func (r *sweep) from(mark string) string {
	from := bridge.FormatTS(bridge.TSTime(mark).Add(-overlap))
	if oldest := bridge.FormatTS(r.began.Add(-r.backfill)); bridge.TSBefore(from, oldest) {
		return oldest
	}
	return from
}

// inUse reads a thread in use and lets go whoever waits for it.
func (r *sweep) inUse(ctx context.Context, key bridge.ThreadKey) {
	r.mu.Lock()
	mark := r.mark
	if u := r.used[key]; u != nil {
		mark = u.read
	}
	r.mu.Unlock()
	err := r.thread(ctx, key, r.from(mark))
	if errors.Is(err, bridge.ClassNotInChannel) {
		err = errors.Join(err, r.leave(ctx, key))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if done := r.pending[key]; done != nil {
		close(done)
		delete(r.pending, key)
	}
	switch u := r.used[key]; {
	case u == nil || ctx.Err() != nil:
	case err == nil:
		u.read = bridge.FormatTS(r.began)
	case errors.Is(err, bridge.ClassRejected), errors.Is(err, bridge.ClassNotFound), errors.Is(err, bridge.ClassNotInChannel):
		delete(r.used, key) // it is gone, or we are
	}
}

// leave tells that we are not in a thread's channel any more, where no event did.
func (r *sweep) leave(ctx context.Context, key bridge.ThreadKey) error {
	_, err := r.app.left(ctx, r.inlet, key.Channel())
	return err
}

// thread reads what was said in a thread from a ts on. The errors have been told.
func (r *sweep) thread(ctx context.Context, key bridge.ThreadKey, from string) error {
	r.done[key] = true
	at, err := r.app.placeOf(key)
	if err != nil {
		return err
	}
	read := 0
	err = r.app.replies(ctx, at, pages{since: from, ask: r.ask}, func(u utterance) error {
		if read++; read > maxReplies*pageSize {
			r.leftOut(ctx, "messages of a thread", 1, slog.String("thread", string(key)))
			return errEnough
		}
		if h := r.said(u, setting{channel: at.channel}); h.message != nil {
			h.message.Thread = key
			return r.judge(ctx, *h.message, from)
		}
		return nil
	})
	if err != nil {
		r.failed(ctx, string(key), err)
	}
	return err
}

// said reads an utterance; one that hits a bug says nothing.
func (r *sweep) said(u utterance, in setting) (h heard) {
	r.app.contain(TallySweep, func() { h = r.reader.said(u, in) })
	return h
}

// judge hands over what was said, or got its present words, since then. What a socket may still bring is left to it.
func (r *sweep) judge(ctx context.Context, m bridge.Message, from string) error {
	said := m.TS
	if m.Edited != "" && bridge.TSBefore(said, m.Edited) {
		said = m.Edited
	}
	at := bridge.TSTime(said)
	if bridge.TSBefore(said, from) {
		return nil
	}
	if since := r.upSince.Add(-settling); !r.renaming && !at.Before(since) && r.began.Sub(at) < brought {
		r.again = r.again || !at.After(r.upSince)
		return nil
	}
	m.Backfilled = true
	var v bridge.Result
	var err error
	if !r.app.contain(TallySweep, func() { v, err = r.inlet.AcceptMessage(ctx, m) }) {
		return nil
	}
	if errors.Is(err, bridge.ClassPanic) {
		r.app.buggy(TallySweep, err, slog.String("thread", string(m.Thread)), slog.String("delivery", m.TS))
		return nil
	}
	if err != nil {
		r.dropped()
		return err
	}
	if !v.New {
		return nil
	}
	r.noteUse(m.Thread)
	r.app.obs.Tally(TallySweep, SweepFound)
	r.mu.Lock()
	deaf := !r.renaming && at.After(r.upSince) && at.After(r.lost)
	r.mu.Unlock()
	if deaf { // one was up, and nothing was in the way
		r.app.obs.Tally(TallySweep, SweepDeaf)
		r.app.log.Warn("a message was found that no socket brought", slog.String("thread", string(m.Thread)), slog.String("delivery", m.TS))
		r.app.missed()
	}
	return nil
}

// renamedChannels reads the threads that changed lately in the channels that were renamed, as far back as the backfill
// reaches: nobody knows since when they have their new ids. A channel that can't be read is read in the next round.
func (r *sweep) renamedChannels(ctx context.Context) {
	r.mu.Lock()
	reread := maps.Clone(r.reread)
	clear(r.reread)
	r.mu.Unlock()
	if len(reread) == 0 {
		return
	}
	threads, _, err := r.ledger.Recent(ctx, atStart, maxThreads)
	if err != nil {
		r.failed(ctx, "", err)
	}
	r.renaming = true
	defer func() { r.renaming = false }()
	for _, key := range threads {
		if !reread[r.app.currentKey(key).Channel()] {
			continue
		}
		r.noteUse(key)
		switch one := r.thread(ctx, key, bridge.FormatTS(r.began.Add(-r.backfill))); {
		case one == nil, errors.Is(one, bridge.ClassRejected), errors.Is(one, bridge.ClassNotFound), errors.Is(one, bridge.ClassNotInChannel):
		default:
			err = one
		}
	}
	if err != nil || ctx.Err() != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		maps.Copy(r.reread, reread)
	}
}

// channels reads every channel that we are in, and reports whether all of them could be.
func (r *sweep) channels(ctx context.Context) bool {
	form := url.Values{
		"types": {"public_channel,private_channel,mpim,im"}, "exclude_archived": {"true"}, "limit": {strconv.Itoa(pageSize)},
	}
	var ids []string
	for {
		var page struct {
			Channels []idOnly `json:"channels"`
			Next     nextPage `json:"response_metadata"`
		}
		if err := r.ask(ctx, call{method: methodChannels}, form, &page); err != nil {
			r.failed(ctx, "", err)
			return false
		}
		for _, ch := range page.Channels {
			if validID(ch.ID) {
				ids = append(ids, ch.ID)
			}
		}
		next := page.Next.Cursor
		if next == "" || next == form.Get("cursor") {
			break
		}
		form.Set("cursor", next)
	}
	complete := true
	for _, id := range ids {
		err := r.channel(ctx, id)
		if err != nil {
			r.failed(ctx, id, err)
		}
		// What Slack refuses it refuses next time, too.
		complete = complete && (err == nil || errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotInChannel))
	}
	return complete
}

// channel reads a channel's own messages, the newest first, as far back as threads may have begun in which something
// was said since the mark; then those threads. We are in it: what rests there goes on.
func (r *sweep) channel(ctx context.Context, id string) error {
	if _, err := r.app.joined(ctx, r.inlet, channelKey(r.reader.self.Team, id)); err != nil {
		return err
	}
	from := r.from(r.mark)
	form := url.Values{
		"channel": {id}, "limit": {strconv.Itoa(pageSize)}, "oldest": {bridge.FormatTS(r.began.Add(-r.backfill))},
	}
	var said []bridge.Message
	var roots []string
	read := 0
	err := r.app.read(ctx, call{method: methodHistory}, form, r.ask, func(u utterance) error {
		if read++; read > maxHistory*pageSize {
			r.leftOut(ctx, "messages of a channel", 1, slog.String("channel", id))
			return errEnough
		}
		if last := u.Latest; bridge.ValidTS(last) && !bridge.TSBefore(last, from) {
			roots = append(roots, u.TS)
		}
		h := r.said(u, setting{channel: id})
		if m := h.message; m != nil && (m.Kind != bridge.KindReply || m.Edited != "") && m.Root {
			said = append(said, *m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(said) {
		var err error
		if m.Thread, err = r.app.storedKey(ctx, m.Thread); err == nil {
			err = r.judge(ctx, m, from)
		}
		if err != nil {
			return err
		}
	}
	for _, root := range slices.Backward(roots) {
		key, err := r.app.storedKey(ctx, place{id, root}.key(r.reader.self.Team))
		if err != nil {
			return err
		}
		if r.done[key] {
			continue
		}
		if err := r.thread(ctx, key, from); err != nil && !errors.Is(err, bridge.ClassRejected) && !errors.Is(err, bridge.ClassNotInChannel) {
			return err
		}
	}
	return nil
}
