package relay

import (
	"context"
	"errors"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/project"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// stepToSlack makes one step of a lane to Slack. It returns the decision that follows,
// and the fault if there was one.
func (r *Relay) stepToSlack(ctx context.Context, claim *bridge.Claim, s schedule.Step) (bridge.Decision, error) {
	if s.Kind == bridge.StepMark {
		return r.policy.ShowTimePassed(), nil
	}
	hold, ok := r.slack.admit(claim.Thread, schedule.FirstTry(claim.State, s))
	if !ok {
		return r.policy.HoldBack(bridge.ToSlack, hold), errHeldBack
	}
	defer r.slack.done()
	return r.callSlack(ctx, claim, s)
}

func (r *Relay) callSlack(ctx context.Context, claim *bridge.Claim, s schedule.Step) (bridge.Decision, error) {
	switch s.Kind {
	case bridge.StepAddReaction, bridge.StepRemoveReaction:
		return r.react(ctx, claim, s)
	case bridge.StepReadReactions:
		emoji, err := r.cfg.Slack.OwnReactions(ctx, claim.Thread, s.ID)
		if err = r.observeSlack(ctx, claim, err); err != nil {
			return r.policy.ReactionFailed(s, err), err
		}
		return r.policy.ReactionsRead(s.ID, emoji), nil
	case bridge.StepPost:
		return r.post(ctx, claim, claim.State.Posts[s.ID])
	case bridge.StepFindPost:
		return r.find(ctx, claim, claim.State.Posts[s.ID])
	case bridge.StepUpdatePost:
		return r.update(ctx, claim, s)
	default:
		panic("no such step to Slack: " + s.Kind)
	}
}

func (r *Relay) react(ctx context.Context, claim *bridge.Claim, s schedule.Step) (bridge.Decision, error) {
	call := r.cfg.Slack.AddReaction
	if s.Kind == bridge.StepRemoveReaction {
		call = r.cfg.Slack.RemoveReaction
	}
	ts := s.ID
	if s.ID == record.RootQuestion || s.ID == record.RootMerged {
		ts = "" // the first message
	}
	if err := r.observeSlack(ctx, claim, call(ctx, claim.Thread, ts, s.Emoji)); err != nil {
		return r.policy.ReactionFailed(s, err), err
	}
	claim.Deferrable = true
	return r.policy.ReactionChanged(s, r.unstored.take(claim.Thread, s)), nil
}

func (r *Relay) post(ctx context.Context, claim *bridge.Claim, p *bridge.PostRecord) (bridge.Decision, error) {
	if record.MayBeDoneElsewhere(&p.Delivery, claim.At) {
		return r.policy.LookUpPosts(), nil
	}
	if p.Withdrawn { // it was deleted during the look-up, which didn't find it
		return r.policy.PostDropped(p.Key), nil
	}
	switch err := r.begin(ctx, claim, r.policy.PostBegin(p.Key, p.Rev)); {
	case errors.Is(err, errSlowMark):
		return r.policy.PostFailed(p.Key, bridge.StepPost, err), err
	case err != nil:
		return r.beginFailed(ctx, claim, schedule.Step{Kind: bridge.StepPost, ID: p.Key}, err)
	}
	ts, err := r.cfg.Slack.Post(ctx, claim.Thread, p.Post)
	if err = r.observeSlack(ctx, claim, err); err != nil {
		return r.postFailed(claim, p, bridge.StepPost, ts, err), err
	}
	return r.policy.Posted(p.Key, ts, p.Edition), nil
}

// find looks up a post that is in flight. A private one can't be looked up.
func (r *Relay) find(ctx context.Context, claim *bridge.Claim, p *bridge.PostRecord) (bridge.Decision, error) {
	if p.To != "" {
		return r.policy.PrivatePostUnsure(p.Key), nil
	}
	ts, err := r.cfg.Slack.FindPost(ctx, claim.Thread, p.Key)
	if err = r.observeSlack(ctx, claim, err); err != nil {
		return r.postFailed(claim, p, bridge.StepFindPost, ts, err), err
	}
	return r.policy.PostFound(p.Key, ts), nil
}

func (r *Relay) update(ctx context.Context, claim *bridge.Claim, s schedule.Step) (bridge.Decision, error) {
	p := claim.State.Posts[s.ID]
	if p.To != "" && !claim.At.Now.Before(p.ResponseUntil) {
		return r.postFailed(claim, p, bridge.StepUpdatePost, "", errTooLate), errTooLate
	}
	if p.Withdrawn && p.To == "" {
		if err := r.observeSlack(ctx, claim, r.cfg.Slack.Delete(ctx, claim.Thread, p.Receipt)); err != nil {
			return r.policy.PostFailed(p.Key, bridge.StepUpdatePost, err), err
		}
		return r.policy.Updated(p.Key, p.Edition, claim.At.Now, r.unstored.take(claim.Thread, s)), nil
	}
	if err := r.observeSlack(ctx, claim, r.cfg.Slack.Update(ctx, claim.Thread, p.Receipt, p.Post)); err != nil {
		return r.postFailed(claim, p, bridge.StepUpdatePost, "", err), err
	}
	claim.Deferrable = true
	return r.policy.Updated(p.Key, p.Edition, claim.At.Now, r.unstored.take(claim.Thread, s)), nil
}

// observeSlack learns from the answer of a call to Slack.
func (r *Relay) observeSlack(ctx context.Context, claim *bridge.Claim, err error) error {
	if !errors.Is(context.Cause(ctx), bridge.ErrStopped) { // or we did not wait for the answer
		r.slack.record(claim.Thread, err)
	}
	return err
}

// postFailed decides what follows from a post that failed, or that landed in the
// channel, under the ts. The messages whose reactions may show that are loaded.
func (r *Relay) postFailed(claim *bridge.Claim, p *bridge.PostRecord, kind bridge.StepKind, ts string, err error) bridge.Decision {
	claim.AlsoLoad = project.Concerned(p)
	if last := claim.State.Thread.LastPrompt; last != "" {
		claim.AlsoLoad = append(claim.AlsoLoad, last)
	}
	if ts != "" {
		return r.policy.PostMisplaced(p.Key, ts, err)
	}
	return r.policy.PostFailed(p.Key, kind, err)
}

var errTooLate = &bridge.Fault{Class: bridge.ClassRejected, Err: errors.New("the private note can't be changed any more")}
