package storetest

import (
	"encoding/json"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// Due is the suite's own policy: messages that wait, and the poll in the
// Memo, are for the one remote; posts that wait and open wishes are for the
// other.
func Due(r *bridge.Rows, remote bridge.Remote) (time.Time, bool) {
	var at time.Time
	owed := false
	add := func(due time.Time, ok bool) {
		if ok && (!owed || due.Before(at)) {
			at, owed = due, true
		}
	}
	for _, m := range r.Messages {
		if remote == bridge.ToAgen {
			add(m.Due, waits(m.State))
		} else {
			add(m.Wish.Due, m.Wish.Open)
		}
	}
	for _, p := range r.Posts {
		add(p.Due, remote == bridge.ToSlack && waits(p.State))
	}
	add(r.Memo.PollDue, remote == bridge.ToAgen && r.Thread.Session.ID != "")
	return at, owed
}

func waits(s bridge.State) bool { return s == bridge.Ready || s == bridge.Begun }

// What follows are the decisions that the tests are made of.

// seq returns a decision that is made of others.
func seq(ds ...bridge.Decide) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		for _, d := range ds {
			if err := d(r, at); err != nil {
				return err
			}
		}
		return nil
	}
}

// addMessage adds a message that is due in d, unless it is known.
func addMessage(ts string, d time.Duration) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		if r.Messages[ts] != nil {
			return nil
		}
		m := &bridge.MessageRow{Message: bridge.Message{
			Thread: r.Key, TS: ts, Author: "U1", Kind: bridge.Mention, Body: json.RawMessage(`{"text":"<@U2> & you"}`),
		}}
		m.Delivery = bridge.Delivery{State: bridge.Ready, Accepted: at.Now, Due: at.Now.Add(d)}
		m.Touch()
		r.Messages[ts] = m
		if r.Thread.Vacant() {
			r.Thread.Started, r.Thread.First = at.Now, ts
			r.Thread.Touch()
		}
		return nil
	}
}

// addPost adds a post that is due in d, unless it is known.
func addPost(key string, d time.Duration) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		if r.Posts[key] != nil {
			return nil
		}
		p := &bridge.PostRow{Post: bridge.Post{Key: key, Text: "it is a note"}, Edition: 1}
		p.Delivery = bridge.Delivery{State: bridge.Ready, Accepted: at.Now, Due: at.Now.Add(d)}
		p.Touch()
		r.Posts[key] = p
		return nil
	}
}

// message changes a message, if it is there.
func message(ts string, change func(m *bridge.MessageRow, at bridge.Moment)) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		if m := r.Messages[ts]; m != nil {
			change(m, at)
			m.Touch()
		}
		return nil
	}
}

// post changes a post, if it is there.
func post(key string, change func(p *bridge.PostRow, at bridge.Moment)) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		if p := r.Posts[key]; p != nil {
			change(p, at)
			p.Touch()
		}
		return nil
	}
}

// state puts a message into a state.
func state(ts string, s bridge.State) bridge.Decide {
	return message(ts, func(m *bridge.MessageRow, at bridge.Moment) {
		m.State = s
		if s == bridge.Begun {
			m.BegunAt = at.Now
		}
	})
}

// done brings a message to rest.
func done(ts string) bridge.Decide {
	return message(ts, func(m *bridge.MessageRow, at bridge.Moment) {
		m.State, m.Settled, m.Body = bridge.Done, at.Now, nil
		m.Wish.Open = false
	})
}

// posted brings a post to rest.
func posted(key string) bridge.Decide {
	return post(key, func(p *bridge.PostRow, at bridge.Moment) {
		p.State, p.Settled, p.Shown = bridge.Done, at.Now, p.Edition
	})
}

// delay moves a message's due time.
func delay(ts string, d time.Duration) bridge.Decide {
	return message(ts, func(m *bridge.MessageRow, at bridge.Moment) { m.Due = at.Now.Add(d) })
}

// wish sets the reaction of a message: the newest target, the earlier time.
func wish(ts, emoji string, d time.Duration) bridge.Decide {
	return message(ts, func(m *bridge.MessageRow, at bridge.Moment) {
		due := at.Now.Add(d)
		if m.Wish.Open && m.Wish.Due.Before(due) {
			due = m.Wish.Due
		}
		m.Wish = bridge.Wish{Want: emoji, Maybe: append(m.Wish.Maybe[:len(m.Wish.Maybe):len(m.Wish.Maybe)], emoji), Open: true, Due: due, Boot: at.Boot}
	})
}

// poll sets in the Memo when the timeline is read.
func poll(d time.Duration) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		r.Memo.PollDue = at.Now.Add(d)
		return nil
	}
}

// bind gives the thread a session.
func bind(id string) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		if r.Thread.Vacant() {
			r.Thread.Started = at.Now
		}
		r.Thread.Session.ID = id
		r.Thread.Touch()
		return nil
	}
}

// vacate lets go of the thread. Its revision goes on counting, in case another
// decision makes it ours again in the same breath.
func vacate(r *bridge.Rows, _ bridge.Moment) error {
	r.Thread = bridge.Thread{Rev: r.Thread.Rev}
	r.Thread.Touch()
	return nil
}

// fail returns an error.
func fail(err error) bridge.Decide {
	return func(*bridge.Rows, bridge.Moment) error { return err }
}

// look runs f and changes nothing.
func look(f func(r *bridge.Rows, at bridge.Moment)) bridge.Decide {
	return func(r *bridge.Rows, at bridge.Moment) error {
		f(r, at)
		return nil
	}
}
