package relay

import (
	"context"
	"errors"

	"github.com/agenbridge/agenbridge/agen"
	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy"
	"github.com/agenbridge/agenbridge/bridge/policy/outcome"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/timeline"
)

// poll reads the timeline for news. If something comes in for the thread meanwhile, it
// stops: a message must not wait for it.
func (r *Relay) poll(ctx context.Context, claim *bridge.Claim, to *route) (bridge.Decision, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		select {
		case <-claim.Changed:
			cancel(errNewActivity)
		case <-ctx.Done():
		}
	}()
	decide, err := r.readTimeline(ctx, claim, to, bridge.StepRead, claim.State.Volatile.ETag)
	interrupted := errors.Is(context.Cause(ctx), errNewActivity)
	cancel(nil)
	<-watch
	if err != nil && interrupted {
		return nil, nil
	}
	return decide, err
}

// readTimeline reads the session's timeline for the status of our messages, and for
// news. With an etag, Agen may answer that it is unchanged. A look-up doesn't read our
// own posts in the thread: the next poll does.
func (r *Relay) readTimeline(ctx context.Context, claim *bridge.Claim, to *route, kind bridge.StepKind, etag string) (bridge.Decision, error) {
	var posts []bridge.OwnPost
	review := kind == bridge.StepRead && record.ReviewDue(&claim.State.Thread, claim.At)
	started := r.cfg.Now()
	if review {
		var err error
		if posts, err = r.ownPosts(ctx, claim.Thread); err != nil {
			return r.policy.OwnPostsFailed(err), err
		}
	}
	reader := timeline.NewReader(claim.State, posts, review)
	etag, err := to.Agen.Timeline(ctx, claim.State.Thread.Session.ID, etag, reader.Visit)
	if errors.Is(err, agen.ErrNotModified) {
		claim.Deferrable = true
		return r.policy.Unchanged(r.cfg.Now().Sub(started)), to.observe(ctx, claim.Thread, nil)
	}
	if err = to.observe(ctx, claim.Thread, err); err != nil {
		return r.policy.ReadFailed(err), err
	}
	found := reader.Found()
	found.ETag, found.Took = etag, r.cfg.Now().Sub(started)
	claim.AlsoLoad, claim.Deferrable = policy.RestingPosts(&found, r.policy.PostChars()), len(found.News) == 0
	for _, m := range claim.State.Messages {
		if len(m.Omitted.Unopened) > 0 {
			claim.AlsoLoad = append(claim.AlsoLoad, outcome.FilesKey(m.Author))
		}
	}
	return r.policy.Read(found), nil
}
