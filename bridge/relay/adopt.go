package relay

import (
	"context"
	"errors"
	"strings"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
)

// rebindByCard binds the thread to the session that our own card in it names, which a
// process opened whose store was lost. The decision is nil if there is no card.
func (r *Relay) rebindByCard(ctx context.Context, claim *bridge.Claim, m *bridge.MessageRecord) (bridge.Decision, error) {
	if claim.State.Thread.Session.Count > 0 || record.FirstOfThread(m, claim.At) {
		return nil, nil
	}
	posts, err := r.ownPosts(ctx, claim.Thread)
	if err != nil {
		return r.policy.Authorized(m.ID(), r.policy.ComposeFailed(m.ID(), false, err)), err
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

// ownPosts reads our own posts in the thread; none if Slack refuses to read it.
func (r *Relay) ownPosts(ctx context.Context, thread bridge.ThreadKey) ([]bridge.OwnPost, error) {
	posts, err := r.cfg.Slack.OwnPosts(ctx, thread)
	if errors.Is(err, bridge.ClassRejected) || errors.Is(err, bridge.ClassNotFound) {
		return nil, nil
	}
	return posts, err
}
