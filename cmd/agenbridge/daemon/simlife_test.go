package daemon_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// life is one run of the daemon that can be killed like a process: from that moment
// on nothing that it writes reaches a remote, and its file keeps the content that
// it has then.
type life struct {
	mu sync.Mutex
	// left is the number of writes to the remotes until the daemon is killed, or
	// negative if it won't be. If after is set, the last of these writes still
	// leaves.
	left  int
	after bool
	// frozen is closed when the daemon is killed, over when its file has been
	// copied.
	frozen, over chan struct{}
	conns        []net.Conn
	// slow is how long the disk takes for each of the next commits.
	slow []time.Duration
}

var errKilled = errors.New("the process was killed")

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// startLife starts the daemon on a network that can be cut off, with a clock that
// is off by skew.
func (s *townSim) startLife() {
	s.life = &life{left: -1, frozen: make(chan struct{}), over: make(chan struct{})}
	s.options.SlackDial, s.options.AgenDial = s.life.dial(s.dials[0]), s.life.dial(s.dials[1])
	skew := s.skew
	s.options.Disk, s.options.Now = s.life, func() time.Time { return time.Now().Add(skew) }
	s.start()
}

func (l *life) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.freezeLocked()
}

func (l *life) freezeLocked() {
	select {
	case <-l.frozen:
	default:
		close(l.frozen)
	}
}

// end makes all blocked calls fail.
func (l *life) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.over)
	for _, c := range l.conns {
		_ = c.Close() // it may be closed already
	}
}

// strike kills the daemon after so many writes.
func (l *life) strike(writes int, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.after = writes, after
}

// drag makes the next commits take the given times.
func (l *life) drag(slow []time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = slow
}

// Committed implements store.Observer. It is called when the data is on the disk
// and the callers don't know it yet.
func (l *life) Committed(int, time.Duration, error) {
	l.mu.Lock()
	var wait time.Duration
	if len(l.slow) > 0 {
		wait, l.slow = l.slow[0], l.slow[1:]
	}
	l.mu.Unlock()
	if wait == 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.over:
	}
}

// count counts a write and reports whether it may leave.
func (l *life) count() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left < 0 {
		return true
	}
	if l.left--; l.left > 0 {
		return true
	}
	leaves := l.left == 0 && l.after
	l.left = 0
	l.freezeLocked()
	return leaves
}

// live returns nil while the daemon runs; after a kill it waits for over and
// returns errKilled.
func (l *life) live() error {
	select {
	case <-l.frozen:
		<-l.over
		return errKilled
	default:
		return nil
	}
}

func (l *life) dial(next dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := l.live(); err != nil {
			return nil, err
		}
		c, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.conns = append(l.conns, c)
		return &lifeConn{Conn: c, life: l}, nil
	}
}

type lifeConn struct {
	net.Conn
	life *life
}

func (c *lifeConn) Write(b []byte) (int, error) {
	if !c.life.count() {
		<-c.life.over
		return 0, errKilled
	}
	n, err := c.Conn.Write(b)
	if gone := c.life.live(); gone != nil {
		return n, gone
	}
	return n, err
}

func (c *lifeConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if gone := c.life.live(); gone != nil {
		return 0, gone
	}
	return n, err
}
