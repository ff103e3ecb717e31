package relay_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/agenbridge/agenbridge/bridge/policy/schedule"
	"github.com/agenbridge/agenbridge/store"
)

// simDisk is the production store on a file that survives a kill unchanged and can be
// replaced with an older copy.
type simDisk struct {
	*store.Store
	cfg store.Config
	// copies are the backups of the file, oldest first.
	copies [][]byte
}

func newSimDisk(dir string, now func() time.Time) (*simDisk, error) {
	d := &simDisk{cfg: store.Config{Path: filepath.Join(dir, "agenbridge.db"), NoSync: true, Now: now, Due: schedule.Due, Release: "sim"}}
	return d, d.open()
}

func (d *simDisk) open() (err error) {
	d.Store, err = store.Open(context.Background(), d.cfg)
	return err
}

// copy makes a backup. Nothing else runs, because there is only one goroutine.
func (d *simDisk) copy() error {
	image, err := os.ReadFile(d.cfg.Path)
	d.copies = append(d.copies, image)
	return err
}

// kill ends the process that has the file open, and starts a new one on the file as it
// was at that moment.
func (d *simDisk) kill() error {
	image, err := os.ReadFile(d.cfg.Path)
	if err != nil {
		return err
	}
	return d.replace(image)
}

// replace ends the process and starts a new one on another file.
func (d *simDisk) replace(image []byte) error {
	if err := d.end(); err != nil {
		return err
	}
	if err := os.WriteFile(d.cfg.Path, image, 0o600); err != nil {
		return err
	}
	return d.open()
}

// end closes and deletes the file.
func (d *simDisk) end() error { return errors.Join(d.Close(), os.Remove(d.cfg.Path)) }
