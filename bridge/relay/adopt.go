package relay

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// rebindByCard binds the thread to the session that our own card in it names: a
// process whose store was lost had opened it. A nil decision says that there is
// none. If the thread can't be read, the message waits a few tries only: all that it
// risks is a second session. One that may have been sent already waits as long as
// it takes.
func (r *Relay) rebindByCard(ctx context.Context, claim *bridge.Claim, m *bridge.MessageRecord) (bridge.Decision, error) {
	if claim.State.Thread.Session.Count > 0 || record.FirstOfThread(m, claim.At) {
		return nil, nil
	}
	reading, cancel := context.WithTimeout(ctx, cardTime)
	defer cancel()
	posts, err := r.ownPosts(reading, claim.Thread)
	if errors.Is(err, bridge.ClassTemporary) && policy.LastTry(m) && !record.MayBeSentElsewhere(m, claim.At) {
		return nil, nil
	}
	if err != nil {
		return r.policy.Authorized(m.ID(), r.policy.ComposeFailed(m.ID(), true, err)), err
	}
	session := ""
	for _, post := range posts {
		if strings.HasPrefix(post.Key, bridge.CardKey) {
			session = post.Session
		}
	}
	if session == "" {
		return nil, nil
	}
	return r.policy.Rebound(m.ID(), session), nil
}

// cardTime is how long looking for the card may take.
const cardTime = 10 * time.Second

// ownPosts reads our own posts in the thread; none if Slack refuses to read it.
func (r *Relay) ownPosts(ctx context.Context, thread bridge.ThreadKey) ([]bridge.OwnPost, error) {
	posts, err := r.cfg.Slack.OwnPosts(ctx, thread)
	if errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotFound) {
		return nil, nil
	}
	return posts, err
}
