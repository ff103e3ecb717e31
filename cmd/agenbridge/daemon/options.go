package daemon

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/agenbridge/agenbridge/store"
)

// Options are what a test or a demo needs to run several daemons in its own
// process. In production only Log and Version are set.
type Options struct {
	// Version is shown to both remotes, in the log and in the metrics; empty
	// means "dev".
	Version string
	// Log receives the log lines; nil discards them.
	Log io.Writer
	// SlackDial and AgenDial open the connections to the remotes, for in-memory
	// networks; nil means the system's network and its proxy settings.
	SlackDial, AgenDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Probe and Admin are used instead of listening on PROBE_ADDR and
	// ADMIN_ADDR. Run closes them.
	Probe, Admin net.Listener
	// LockWait is how long to wait for the store's lock; 0 means 30 s.
	LockWait time.Duration
	// NoSync lets the operating system decide when the store's writes reach the
	// disk.
	NoSync bool
	// Disk is called after every commit of the store, after the metrics were
	// updated. The store waits until it returns, so that it can simulate a slow
	// disk; nil means none.
	Disk store.Observer
	// Now is the clock for due times, ages and limits; nil means time.Now. It
	// may be ahead of the machine's clock, but has to run at the same speed,
	// because timers do.
	Now func() time.Time
}

// devVersion is the version of a build without one.
const devVersion = "dev"

func (o Options) withDefaults() Options {
	if o.Version == "" {
		o.Version = devVersion
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
