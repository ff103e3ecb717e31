package bridge

import (
	"context"
	"errors"
)

// slackStep does one step of a lane to Slack and returns the decision that
// follows, and the fault if there was one.
func (r *Relay) slackStep(ctx context.Context, claim *Claim, s step) (Decide, error) {
	switch s.kind {
	case StepMark:
		return r.policy.Mark(), nil
	case StepAdd, StepRemove:
		return r.react(ctx, claim, s)
	case StepSee:
		emoji, err := r.cfg.Slack.Shown(ctx, claim.Thread, s.row)
		if err != nil {
			return r.policy.reactFailed(s, err), err
		}
		return r.policy.saw(s.row, emoji), nil
	case StepPost:
		return r.post(ctx, claim, claim.Rows.Posts[s.row])
	case StepFind:
		return r.find(ctx, claim, claim.Rows.Posts[s.row])
	case StepUpdate:
		return r.update(ctx, claim, claim.Rows.Posts[s.row])
	default:
		panic("no such step to Slack: " + s.kind)
	}
}

func (r *Relay) react(ctx context.Context, claim *Claim, s step) (Decide, error) {
	call := r.cfg.Slack.React
	if s.kind == StepRemove {
		call = r.cfg.Slack.Unreact
	}
	ts := s.row
	if s.row == rootAsking || s.row == rootMerged {
		ts = "" // the first message
	}
	if err := call(ctx, claim.Thread, ts, s.emoji); err != nil {
		return r.policy.reactFailed(s, err), err
	}
	claim.Patient = true
	return r.policy.reacted(s.row, s.emoji, s.kind), nil
}

func (r *Relay) post(ctx context.Context, claim *Claim, p *PostRow) (Decide, error) {
	if p.unproven(claim.At) {
		return r.policy.provePosts(), nil
	}
	if p.Withdrawn { // while its fate was open, and it was not there
		return r.policy.postDropped(p.Key), nil
	}
	switch err := r.begin(ctx, claim, r.policy.postBegin(p.Key, p.Rev)); {
	case errors.Is(err, errSlowMark):
		return r.policy.postFailed(p.Key, StepPost, err), err
	case err != nil:
		return r.unbegun(ctx, claim, step{kind: StepPost, row: p.Key}, err)
	}
	ts, err := r.cfg.Slack.Post(ctx, claim.Thread, p.Post)
	if err != nil {
		return r.policy.postFailed(p.Key, StepPost, err), err
	}
	return r.policy.posted(p.Key, ts, p.Edition), nil
}

// find looks for a post whose fate is open. A private one can't be looked up.
func (r *Relay) find(ctx context.Context, claim *Claim, p *PostRow) (Decide, error) {
	if p.To != "" {
		return r.policy.postForgone(p.Key), nil
	}
	ts, err := r.cfg.Slack.Find(ctx, claim.Thread, p.Key)
	if err != nil {
		return r.policy.postFailed(p.Key, StepFind, err), err
	}
	return r.policy.postFound(p.Key, ts), nil
}

func (r *Relay) update(ctx context.Context, claim *Claim, p *PostRow) (Decide, error) {
	if p.Withdrawn {
		if err := r.cfg.Slack.Delete(ctx, claim.Thread, p.Receipt); err != nil {
			return r.policy.postFailed(p.Key, StepUpdate, err), err
		}
		return r.policy.updated(p.Key, p.Edition, claim.At.Now), nil
	}
	if err := r.cfg.Slack.Update(ctx, claim.Thread, p.Receipt, p.Post); err != nil {
		return r.policy.postFailed(p.Key, StepUpdate, err), err
	}
	claim.Patient = true
	return r.policy.updated(p.Key, p.Edition, claim.At.Now), nil
}
