package store

import "github.com/agenbridge/agenbridge/bridge"

// maxCachedRows bounds how many live rows are kept in memory.
const maxCachedRows = 2000

// rowCache holds the decoded live rows of recently used threads, so that not
// every decision has to read and decode them: without it that is a third of the
// processor time under load.
//
// There is one copy of a thread's rows, and the batch that changes it takes it
// out of the cache. It comes back when the change is on disk, and never when
// that failed. Housekeeping changes records by itself, so it clears the cache.
// It does so once a minute at least, and what nobody uses any more goes then.
type rowCache struct {
	threads map[bridge.ThreadKey]*loaded
	rows    int
}

func newRowCache() rowCache { return rowCache{threads: map[bridge.ThreadKey]*loaded{}} }

// take removes the thread's rows from the cache and returns them; nil when they
// are not in it.
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
