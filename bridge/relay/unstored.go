package relay

import (
	"sync"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
)

// unstoredCalls remembers the posts and reactions for which a call may still be applied
// although the disk could not store that. After the next call for the same post or
// reaction that succeeds, it is checked once more. The memory doesn't outlive the
// process: after a restart everything that is open is checked anyway.
type unstoredCalls struct {
	mu    sync.Mutex
	calls map[unstoredCall]bool
}

// unstoredCall names what a call changed.
type unstoredCall struct {
	thread   bridge.ThreadKey
	id       string // of the post, or of the message with the reaction
	reaction bool
}

// callOf returns what the step changes; false if its outcome is looked up instead.
func callOf(thread bridge.ThreadKey, s schedule.Step) (unstoredCall, bool) {
	reaction := s.Kind == bridge.StepAddReaction || s.Kind == bridge.StepRemoveReaction
	return unstoredCall{thread, s.ID, reaction}, reaction || s.Kind == bridge.StepUpdatePost
}

func (u *unstoredCalls) add(thread bridge.ThreadKey, s schedule.Step) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if call, ok := callOf(thread, s); ok {
		if u.calls == nil {
			u.calls = map[unstoredCall]bool{}
		}
		u.calls[call] = true
	}
}

// take reports whether an earlier call for the same post or reaction is remembered,
// and forgets it.
func (u *unstoredCalls) take(thread bridge.ThreadKey, s schedule.Step) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	call, _ := callOf(thread, s)
	found := u.calls[call]
	delete(u.calls, call)
	return found
}
