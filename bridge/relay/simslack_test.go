package relay_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
)

// simSlack is a Slack whose history lags behind.
type simSlack struct {
	sim   *sim
	posts []simPost
	shown map[string]map[string]bool
	late  []later
	calls int
	// limited is when Slack last rate-limited the authorization of authors.
	limited time.Time
}

type simPost struct {
	bridge.Post
	ts      string
	visible time.Time
}

func (k *simSlack) work() { due(&k.late, k.sim.now) }

func (k *simSlack) fault(w weather, repeatable bool) error {
	class := bridge.ClassUnsure
	switch {
	case w == limited:
		return &bridge.Fault{Class: bridge.ClassRateLimited, Wait: 3 * time.Second}
	case w == refused || repeatable:
		class = bridge.ClassTemporary
	}
	return &bridge.Fault{Class: class}
}

// read returns the result of a call that changes nothing.
func (k *simSlack) read() error {
	k.sim.mayKill("before asking Slack")
	k.sim.meanwhile()
	if w := k.sim.weather(); w != fine && k.sim.rnd.IntN(2) == 0 {
		return k.fault(w, true)
	}
	return nil
}

func (k *simSlack) Authorize(context.Context, bridge.Message) (bridge.Refusal, error) {
	s := k.sim
	if s.now.Equal(k.limited) {
		s.breaks("Slack is asked again while it wants to be left alone")
	}
	err := k.read()
	if errors.Is(err, bridge.ClassRateLimited) {
		k.limited = s.now
	}
	return bridge.Allowed, err
}

// ComposeCached takes time, so the state that the relay used may be out of date when the
// message is accepted.
func (k *simSlack) ComposeCached(_ context.Context, m bridge.Message) (bridge.Prompt, bool) {
	if !k.sim.calling {
		k.sim.meanwhile()
	}
	return bridge.Prompt{Text: string(m.Body)}, k.sim.rnd.IntN(3) == 0
}

func (k *simSlack) Compose(_ context.Context, m bridge.Message, f bridge.PromptContext) (bridge.Prompt, error) {
	p := bridge.Prompt{Text: string(m.Body)}
	if f.NewSession {
		switch err := k.read(); {
		case f.LastTry && errors.Is(err, bridge.ClassTemporary):
			p.Omitted.Background = true
			return p, nil
		case err != nil:
			return bridge.Prompt{}, err
		}
		for _, ts := range slices.Sorted(maps.Keys(k.sim.said)) {
			if ts > m.TS && !k.sim.deleted[ts] {
				p.EarlyReplies = append(p.EarlyReplies, k.sim.said[ts])
			}
		}
	}
	return p, nil
}

func (k *simSlack) Reread(_ context.Context, _ bridge.ThreadKey, ts string) (bridge.Message, error) {
	if err := k.read(); err != nil {
		return bridge.Message{}, err
	}
	if k.sim.deleted[ts] {
		return bridge.Message{}, &bridge.Fault{Class: bridge.ClassNotFound}
	}
	return k.sim.said[ts], nil
}

func (k *simSlack) Post(_ context.Context, _ bridge.ThreadKey, p bridge.Post) (string, error) {
	s := k.sim
	s.mayKill("before a post")
	s.meanwhile()
	k.calls++
	ts := fmt.Sprintf("1800000000.%06d", k.calls)
	say := func() {
		k.posts = append(k.posts, simPost{p, ts, s.now.Add(time.Duration(s.rnd.IntN(20)) * time.Second)})
	}
	w := s.weather()
	s.log("post %s: %v", p.Key, w)
	switch w {
	case fine, lostAfter:
		say()
	case lostLate:
		if s.rnd.IntN(2) == 0 {
			k.late = append(k.late, later{s.now.Add(time.Duration(s.rnd.IntN(30)) * time.Second), say})
		}
	case refused, limited:
	}
	s.mayKill("after a post")
	if w != fine {
		return "", k.fault(w, false)
	}
	return ts, nil
}

func (k *simSlack) Update(_ context.Context, _ bridge.ThreadKey, ts string, p bridge.Post) error {
	s := k.sim
	s.mayKill("before an update")
	s.meanwhile()
	change := func() {
		for i := range k.posts {
			if k.posts[i].ts == ts {
				k.posts[i].Post = p
			}
		}
	}
	w := s.weather()
	s.log("update %s: %v", p.Key, w)
	switch w {
	case fine, lostAfter:
		change()
	case lostLate:
		if !p.Markdown { // the text is not kept to post it again
			k.late = append(k.late, later{s.soon(), change})
		}
		if s.chance(5 * s.climate.kill) {
			s.kill("with an update on the wire")
		}
	case refused, limited:
	}
	s.mayKill("after an update")
	if w != fine {
		return k.fault(w, true)
	}
	return nil
}

func (k *simSlack) Delete(_ context.Context, _ bridge.ThreadKey, ts string) error {
	if err := k.read(); err != nil {
		return err
	}
	k.posts = slices.DeleteFunc(k.posts, func(p simPost) bool { return p.ts == ts })
	return nil
}

func (k *simSlack) OwnPosts(context.Context, bridge.ThreadKey) ([]bridge.OwnPost, error) {
	if err := k.read(); err != nil {
		return nil, err
	}
	var posts []bridge.OwnPost
	for _, p := range k.posts {
		if !p.visible.After(k.sim.now) {
			posts = append(posts, bridge.OwnPost{TS: p.ts, Key: p.Key, Session: p.Session, With: p.With})
		}
	}
	return posts, nil
}

func (k *simSlack) OwnReactions(_ context.Context, _ bridge.ThreadKey, ts string) ([]string, error) {
	if err := k.read(); err != nil {
		return nil, err
	}
	var ours []string
	for _, emoji := range slices.Sorted(maps.Keys(k.shown[ts])) {
		if k.shown[ts][emoji] {
			ours = append(ours, emoji)
		}
	}
	return ours, nil
}

func (k *simSlack) FindPost(_ context.Context, _ bridge.ThreadKey, key string) (string, error) {
	if err := k.read(); err != nil {
		return "", err
	}
	for _, p := range k.posts {
		if p.Key == key && !p.visible.After(k.sim.now) {
			return p.ts, nil
		}
	}
	return "", nil
}

func (k *simSlack) AddReaction(_ context.Context, _ bridge.ThreadKey, ts, emoji string) error {
	return k.react(ts, emoji, true)
}

func (k *simSlack) RemoveReaction(_ context.Context, _ bridge.ThreadKey, ts, emoji string) error {
	return k.react(ts, emoji, false)
}

func (k *simSlack) react(ts, emoji string, on bool) error {
	s := k.sim
	s.mayKill("before a reaction")
	s.meanwhile()
	set := func() {
		if k.shown[ts] == nil {
			k.shown[ts] = map[string]bool{}
		}
		k.shown[ts][emoji] = on
	}
	if s.deleted[ts] {
		s.log("react %s %s %t: it is gone", ts, emoji, on)
		s.mayKill("after a reaction")
		return &bridge.Fault{Class: bridge.ClassNotFound}
	}
	w := s.weather()
	s.log("react %s %s %t: %v", ts, emoji, on, w)
	if w == fine || w == lostAfter {
		set()
	}
	if w == lostLate && s.chance(5*s.climate.kill) {
		k.late = append(k.late, later{s.soon(), set})
		s.kill("with a reaction on the wire")
	}
	s.mayKill("after a reaction")
	if w != fine {
		return k.fault(w, true)
	}
	return nil
}
