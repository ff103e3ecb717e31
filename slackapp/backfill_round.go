package slackapp

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// maxThreadPages limits the pages that are read of one thread.
const maxThreadPages = 50

// backfillRound is one pass over the active threads, and over the channels if they are due.
type backfillRound struct {
	*Backfill
	parser  eventParser
	began   time.Time
	mark    string
	upSince time.Time
	// done are the threads that were read in this round.
	done map[bridge.ThreadKey]bool
	// renaming says that what is read may have come over a socket under an id that we did not know.
	renaming bool
}

// runRound makes one.
func (s *Backfill) runRound(ctx context.Context) {
	me, err := s.app.auth.identity(ctx)
	if err != nil {
		s.failed(ctx, "", err)
		return
	}
	b := s.backlog
	r := &backfillRound{Backfill: s, parser: eventParser{identity: me, gate: s.app.gate}, began: time.Now(), done: map[bridge.ThreadKey]bool{}}
	b.mu.Lock()
	r.mark, r.upSince = b.mark, b.upSince
	b.mu.Unlock()
	due := b.takeChannelsDue()
	skipped := func(n int) { s.skipped(ctx, "active threads, until the next round", n) }
	for key := range b.next(r.done, skipped) {
		if ctx.Err() != nil {
			return
		}
		r.activeThread(ctx, key)
	}
	r.renamedChannels(ctx)
	complete := !due || r.channels(ctx)
	if due && !complete {
		b.setChannelsDue()
	}
	if ctx.Err() == nil && complete {
		if mark, ok := b.advance(bridge.FormatTS(r.began)); ok {
			s.storeMark(ctx, mark)
		}
	}
}

// from returns the ts at which to begin reading what follows a mark.
func (r *backfillRound) from(mark string) string {
	from := bridge.FormatTS(bridge.TSTime(mark).Add(-overlap))
	if oldest := r.oldest(); bridge.TSBefore(from, oldest) {
		return oldest
	}
	return from
}

// oldest is the ts before which nothing is read.
func (r *backfillRound) oldest() string { return bridge.FormatTS(r.began.Add(-r.maxAge)) }

// activeThread reads an active thread and releases the messages that wait for it.
func (r *backfillRound) activeThread(ctx context.Context, key bridge.ThreadKey) {
	err := r.thread(ctx, key, r.from(r.backlog.readUpTo(key, r.mark)))
	if errors.Is(err, bridge.ClassNotInChannel) { // no event said so
		_, left := r.app.channelLeft(ctx, r.inlet, key.Channel())
		err = errors.Join(err, left)
	}
	upTo := ""
	if err == nil && ctx.Err() == nil {
		upTo = bridge.FormatTS(r.began)
	}
	r.backlog.threadRead(key, upTo, ctx.Err() == nil && isGone(err))
}

// isGone reports whether a thread can't be read in the next round either: it is gone, or we are.
func isGone(err error) bool {
	return errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotFound) || errors.Is(err, bridge.ClassNotInChannel)
}

// thread reads the messages of a thread from a ts on. It has logged the error that it returns.
func (r *backfillRound) thread(ctx context.Context, key bridge.ThreadKey, from string) error {
	r.done[key] = true
	at, err := r.app.aliases.locationOf(key)
	if err != nil {
		return err
	}
	read := 0
	err = r.app.readThread(ctx, at, readOptions{since: from, call: r.call}, func(msg slackMessage) error {
		if read++; read > maxThreadPages*pageSize {
			r.skipped(ctx, "messages of a thread", 1, slog.String("thread", string(key)))
			return errStopReading
		}
		if e := r.parse(msg, eventContext{channel: at.channel}); e.message != nil {
			e.message.Thread = key
			return r.deliver(ctx, *e.message, from)
		}
		return nil
	})
	if err != nil {
		r.failed(ctx, string(key), err)
	}
	return err
}

// renamedChannels reads the threads that changed lately in the channels that were renamed, up to maxAge back: nobody
// knows when they got their new ids. A channel that can't be read is read again in the next round.
func (r *backfillRound) renamedChannels(ctx context.Context) {
	b := r.backlog
	b.mu.Lock()
	renamed := maps.Clone(b.renamed)
	clear(b.renamed)
	b.mu.Unlock()
	if len(renamed) == 0 {
		return
	}
	threads, _, err := r.store.Recent(ctx, recentlyChanged, maxAtStart)
	if err != nil {
		r.failed(ctx, "", err)
	}
	r.renaming = true
	defer func() { r.renaming = false }()
	for _, key := range threads {
		if !renamed[r.app.aliases.currentKey(key).Channel()] {
			continue
		}
		b.noteUse(key)
		if one := r.thread(ctx, key, r.oldest()); one != nil && !isGone(one) {
			err = one
		}
	}
	if err != nil || ctx.Err() != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		maps.Copy(b.renamed, renamed)
	}
}

// parse parses a message. If the parser panics, there is no message.
func (r *backfillRound) parse(msg slackMessage, in eventContext) (e parsedEvent) {
	r.app.recoverEvent(CounterBackfill, func() { e = r.parser.parseMessage(msg, in) })
	return e
}

// deliver hands a message to the inlet if it was written or edited since from, and not while a socket was up that may
// still bring it. A message from just before that may come twice, which the inlet knows.
func (r *backfillRound) deliver(ctx context.Context, m bridge.Message, from string) error {
	changed := m.TS
	if m.Edited != "" && bridge.TSBefore(changed, m.Edited) {
		changed = m.Edited
	}
	at := bridge.TSTime(changed)
	if bridge.TSBefore(changed, from) {
		return nil
	}
	if !r.renaming && at.After(r.upSince) && r.began.Sub(at) < socketTime {
		return nil
	}
	m.Backfilled = true
	var v bridge.Result
	var err error
	if !r.app.recoverEvent(CounterBackfill, func() { v, err = r.inlet.AcceptMessage(ctx, m) }) {
		return nil
	}
	if errors.Is(err, bridge.ClassPanic) {
		r.app.reportPanic(CounterBackfill, err, slog.String("thread", string(m.Thread)), slog.String("delivery", m.TS))
		return nil
	}
	if err != nil {
		r.backlog.dropped()
		return err
	}
	if v.New {
		r.noteFound(m, at)
	}
	return nil
}

// noteFound counts a message that no socket brought. If there was no reason for that, the sockets are replaced.
func (r *backfillRound) noteFound(m bridge.Message, at time.Time) {
	r.backlog.noteUse(m.Thread)
	r.app.obs.Count(CounterBackfill, BackfillFound)
	r.backlog.mu.Lock()
	missed := !r.renaming && at.After(r.upSince) && at.After(r.backlog.lostAt)
	r.backlog.mu.Unlock()
	if missed {
		r.app.obs.Count(CounterBackfill, BackfillMissed)
		r.app.log.Warn("a message was found that no socket brought", slog.String("thread", string(m.Thread)), slog.String("delivery", m.TS))
		r.app.sockets.ReplaceAll()
	}
}
