package store

import "github.com/agenbridge/agenbridge/bridge"

// maxCachedRows is the maximum number of live rows in the cache.
const maxCachedRows = 2000

// rowCache holds the decoded live rows of recently used threads, so that not every
// decision has to read and decode them. Without it, that takes a third of the processor
// time under load.
//
// There is one copy of a thread's rows. The batch that changes them takes them out of the
// cache. They are put back when the change is on disk, and dropped if the commit failed.
// Housekeeping changes records without loading rows, so it clears the cache. It does so
// at least once a minute, which also removes rows that are no longer used.
type rowCache struct {
	threads map[bridge.ThreadKey]*loaded
	rows    int
}

func newRowCache() rowCache { return rowCache{threads: map[bridge.ThreadKey]*loaded{}} }

// take removes the thread's rows from the cache and returns them. It returns nil if they
// are not cached.
func (c *rowCache) take(thread bridge.ThreadKey) *loaded {
	l := c.threads[thread]
	if l != nil {
		delete(c.threads, thread)
		c.rows -= l.size()
	}
	return l
}

// put adds the rows of a thread as they are on disk.
func (c *rowCache) put(thread bridge.ThreadKey, l *loaded) {
	if c.rows += l.size(); c.rows > maxCachedRows {
		c.clear()
		c.rows = l.size()
	}
	c.threads[thread] = l
}

func (c *rowCache) clear() { *c = newRowCache() }
