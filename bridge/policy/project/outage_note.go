package project

import (
	"slices"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/record"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// noteOutage maintains the thread's note about an outage.
func (p *Projector) noteOutage(state *bridge.ThreadState, at bridge.Instant) {
	late := record.Delayed(state)
	o := state.Thread.Outage
	if o == nil {
		if len(late) == 0 || at.Now.Before(late[0].Accepted.Add(schedule.NotedAfter)) {
			return
		}
		o = &bridge.Outage{Post: "delayed:" + late[0].ID(), From: late[0].Accepted}
	}
	about := slices.DeleteFunc(slices.Clone(o.About), func(id string) bool { return record.TakenBack(state, id) })
	for _, m := range late {
		if !slices.Contains(about, m.ID()) {
			about = append(about, m.ID())
		}
	}
	if len(late) == 0 {
		p.closePost(state, o.Post, bridge.NoteOutcome{
			How: bridge.EndingReachable, Since: record.UnixTime(o.From), At: record.UnixTime(at.Now), Sent: record.Reached(state, about), Count: len(about),
		}, at)
		state.Thread.Outage = nil
		state.Thread.Touch()
		return
	}
	remote := failing(late)
	if state.Thread.Outage == nil || !slices.Equal(about, o.About) || remote != o.Remote {
		state.Thread.Outage = &bridge.Outage{Post: o.Post, Remote: remote, From: o.From, About: about}
		state.Thread.Touch()
	}
	until := late[0].Accepted.Add(p.GiveUpAfter())
	p.UpsertPost(state, bridge.Post{Key: o.Post, Note: &bridge.Note{Kind: bridge.NoteDelayed, Count: len(late), Until: record.UnixTime(until), Remote: remote}}, about, at)
}

// failing returns the system that delays the messages: the one that the first message
// waits for, because the others wait for the first. It is empty for Agen.
func failing(late []*bridge.MessageRecord) bridge.Remote {
	if first := slices.MinFunc(late, record.ByTime); first.FaultRemote == bridge.ToSlack {
		return bridge.ToSlack
	}
	return ""
}
