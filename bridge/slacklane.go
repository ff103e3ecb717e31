package bridge

import (
	"context"
	"errors"
)

// stepToSlack does one step of a lane to Slack and returns the decision that
// follows, and the fault if there was one.
func (r *Relay) stepToSlack(ctx context.Context, claim *Claim, s step) (Decision, error) {
	switch s.kind {
	case StepMark:
		return r.policy.ShowTimePassed(), nil
	case StepAddReaction, StepRemoveReaction:
		return r.react(ctx, claim, s)
	case StepReadReactions:
		emoji, err := r.cfg.Slack.OwnReactions(ctx, claim.Thread, s.row)
		if err != nil {
			return r.policy.reactionFailed(s, err), err
		}
		return r.policy.reactionsRead(s.row, emoji), nil
	case StepPost:
		return r.post(ctx, claim, claim.State.Posts[s.row])
	case StepFindPost:
		return r.find(ctx, claim, claim.State.Posts[s.row])
	case StepUpdatePost:
		return r.update(ctx, claim, claim.State.Posts[s.row])
	default:
		panic("no such step to Slack: " + s.kind)
	}
}

func (r *Relay) react(ctx context.Context, claim *Claim, s step) (Decision, error) {
	call := r.cfg.Slack.AddReaction
	if s.kind == StepRemoveReaction {
		call = r.cfg.Slack.RemoveReaction
	}
	ts := s.row
	if s.row == rootAsking || s.row == rootMerged {
		ts = "" // the first message
	}
	if err := call(ctx, claim.Thread, ts, s.emoji); err != nil {
		return r.policy.reactionFailed(s, err), err
	}
	claim.Deferrable = true
	return r.policy.reactionChanged(s.row, s.emoji, s.kind), nil
}

func (r *Relay) post(ctx context.Context, claim *Claim, p *PostRecord) (Decision, error) {
	if p.mayBeDoneElsewhere(claim.At) {
		return r.policy.lookUpPosts(), nil
	}
	if p.Withdrawn { // while its fate was open, and it was not there
		return r.policy.postDropped(p.Key), nil
	}
	switch err := r.begin(ctx, claim, r.policy.postBegin(p.Key, p.Rev)); {
	case errors.Is(err, errSlowMark):
		return r.policy.postFailed(p.Key, StepPost, err), err
	case err != nil:
		return r.beginFailed(ctx, claim, step{kind: StepPost, row: p.Key}, err)
	}
	ts, err := r.cfg.Slack.Post(ctx, claim.Thread, p.Post)
	if err != nil {
		return r.policy.postFailed(p.Key, StepPost, err), err
	}
	return r.policy.posted(p.Key, ts, p.Edition), nil
}

// find looks for a post whose fate is open. A private one can't be looked up.
func (r *Relay) find(ctx context.Context, claim *Claim, p *PostRecord) (Decision, error) {
	if p.To != "" {
		return r.policy.privatePostUnsure(p.Key), nil
	}
	ts, err := r.cfg.Slack.FindPost(ctx, claim.Thread, p.Key)
	if err != nil {
		return r.policy.postFailed(p.Key, StepFindPost, err), err
	}
	return r.policy.postFound(p.Key, ts), nil
}

func (r *Relay) update(ctx context.Context, claim *Claim, p *PostRecord) (Decision, error) {
	if p.Withdrawn {
		if err := r.cfg.Slack.Delete(ctx, claim.Thread, p.Receipt); err != nil {
			return r.policy.postFailed(p.Key, StepUpdatePost, err), err
		}
		return r.policy.updated(p.Key, p.Edition, claim.At.Now), nil
	}
	if err := r.cfg.Slack.Update(ctx, claim.Thread, p.Receipt, p.Post); err != nil {
		return r.policy.postFailed(p.Key, StepUpdatePost, err), err
	}
	claim.Deferrable = true
	return r.policy.updated(p.Key, p.Edition, claim.At.Now), nil
}
