package storetest

import (
	"encoding/json"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Due is the suite's own rule for due times. Waiting messages and the next poll are owed
// to Agen. Waiting posts and reactions that are not shown yet are owed to Slack.
func Due(state *bridge.ThreadState, remote bridge.Remote) (time.Time, bool) {
	var at time.Time
	owed := false
	add := func(due time.Time, ok bool) {
		if ok && (!owed || due.Before(at)) {
			at, owed = due, true
		}
	}
	for _, m := range state.Messages {
		if remote == bridge.ToAgen {
			add(m.Due, waits(m.State))
		} else {
			add(m.Reaction.Due, m.Reaction.Open)
		}
	}
	for _, p := range state.Posts {
		add(p.Due, remote == bridge.ToSlack && waits(p.State))
	}
	add(state.Volatile.NextPoll, remote == bridge.ToAgen && state.Thread.Session.ID != "")
	return at, owed
}

func waits(s bridge.DeliveryState) bool { return s == bridge.StateReady || s == bridge.StateInFlight }

// The tests consist of the following decisions.

// seq returns a decision that applies several decisions.
func seq(ds ...bridge.Decision) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		for _, d := range ds {
			if err := d(state, at); err != nil {
				return err
			}
		}
		return nil
	}
}

// addMessage adds a message that is due in d, unless it already exists.
func addMessage(ts string, d time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if state.Messages[ts] != nil {
			return nil
		}
		m := &bridge.MessageRecord{Message: bridge.Message{
			Thread: state.Key, TS: ts, Author: "U1", Kind: bridge.KindMention, Body: json.RawMessage(`{"text":"<@U2> & you"}`),
		}}
		m.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now.Add(d)}
		m.Touch()
		state.Messages[ts] = m
		if state.Thread.Unbound() {
			state.Thread.Started, state.Thread.StartTS = at.Now, ts
			state.Thread.Touch()
		}
		return nil
	}
}

// addPost adds a post that is due in d, unless it already exists.
func addPost(key string, d time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if state.Posts[key] != nil {
			return nil
		}
		p := &bridge.PostRecord{Post: bridge.Post{Key: key, Text: "it is a note"}, Edition: 1}
		p.Delivery = bridge.Delivery{State: bridge.StateReady, Accepted: at.Now, Due: at.Now.Add(d)}
		p.Touch()
		state.Posts[key] = p
		return nil
	}
}

// message changes a message, if it exists.
func message(ts string, change func(m *bridge.MessageRecord, at bridge.Instant)) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if m := state.Messages[ts]; m != nil {
			change(m, at)
			m.Touch()
		}
		return nil
	}
}

// post changes a post, if it exists.
func post(key string, change func(p *bridge.PostRecord, at bridge.Instant)) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if p := state.Posts[key]; p != nil {
			change(p, at)
			p.Touch()
		}
		return nil
	}
}

// state sets the state of a message.
func state(ts string, s bridge.DeliveryState) bridge.Decision {
	return message(ts, func(m *bridge.MessageRecord, at bridge.Instant) {
		m.State = s
		if s == bridge.StateInFlight {
			m.InFlightSince = at.Now
		}
	})
}

// done moves a message to rest.
func done(ts string) bridge.Decision {
	return message(ts, func(m *bridge.MessageRecord, at bridge.Instant) {
		m.State, m.Settled, m.Body = bridge.StateDone, at.Now, nil
		m.Reaction.Open = false
	})
}

// posted moves a post to rest.
func posted(key string) bridge.Decision {
	return post(key, func(p *bridge.PostRecord, at bridge.Instant) {
		p.State, p.Settled, p.Shown = bridge.StateDone, at.Now, p.Edition
	})
}

// delay changes a message's due time.
func delay(ts string, d time.Duration) bridge.Decision {
	return message(ts, func(m *bridge.MessageRecord, at bridge.Instant) { m.Due = at.Now.Add(d) })
}

// react sets the reaction of a message to the newest emoji and the earlier due time.
func react(ts, emoji string, d time.Duration) bridge.Decision {
	return message(ts, func(m *bridge.MessageRecord, at bridge.Instant) {
		due := at.Now.Add(d)
		if m.Reaction.Open && m.Reaction.Due.Before(due) {
			due = m.Reaction.Due
		}
		m.Reaction = bridge.Reaction{Desired: emoji, Possible: append(m.Reaction.Possible[:len(m.Reaction.Possible):len(m.Reaction.Possible)], emoji), Open: true, Due: due, Opening: at.Opening}
	})
}

// poll sets the time of the next read of the timeline, in the Volatile.
func poll(d time.Duration) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		state.Volatile.NextPoll = at.Now.Add(d)
		return nil
	}
}

// bind gives the thread a session.
func bind(id string) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		if state.Thread.Unbound() {
			state.Thread.Started = at.Now
		}
		state.Thread.Session.ID = id
		state.Thread.Touch()
		return nil
	}
}

// unbind ends the bot's part in the thread. The revision keeps counting, because another
// decision in the same transaction may bind the thread again.
func unbind(state *bridge.ThreadState, _ bridge.Instant) error {
	state.Thread = bridge.Thread{Rev: state.Thread.Rev}
	state.Thread.Touch()
	return nil
}

// fail returns an error.
func fail(err error) bridge.Decision {
	return func(*bridge.ThreadState, bridge.Instant) error { return err }
}

// look runs f and changes nothing.
func look(f func(state *bridge.ThreadState, at bridge.Instant)) bridge.Decision {
	return func(state *bridge.ThreadState, at bridge.Instant) error {
		f(state, at)
		return nil
	}
}
