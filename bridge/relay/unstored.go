package relay

import (
	"sync"

	"github.com/agenbridge/agenbridge/bridge"
)

// unstoredUpdates remembers the posts of which a change may still be applied though
// the disk took no note of it: the next change that succeeds is followed by another
// look. A process that ends before that looks again because it is a new one.
type unstoredUpdates struct {
	mu    sync.Mutex
	posts map[string]bool
}

func (u *unstoredUpdates) add(thread bridge.ThreadKey, post string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.posts == nil {
		u.posts = map[string]bool{}
	}
	u.posts[string(thread)+" "+post] = true
}

// take reports whether the post is remembered, and forgets it.
func (u *unstoredUpdates) take(thread bridge.ThreadKey, post string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := string(thread) + " " + post
	found := u.posts[key]
	delete(u.posts, key)
	return found
}
