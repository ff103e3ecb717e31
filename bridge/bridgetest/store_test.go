package bridgetest_test

import (
	"testing"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
	"github.com/agenbridge/agenbridge/store/storetest"
)

// The reference has to pass the suite that others are compared by.
func TestStore(t *testing.T) {
	stores := map[string]*bridgetest.Store{}
	storetest.Run(t, storetest.Opener{
		Open: func(_ *testing.T, dir string, o storetest.Options) storetest.Store {
			s := stores[dir]
			if s == nil {
				s = bridgetest.NewStore(bridgetest.Config{Now: o.Now, Due: o.Due, Retention: o.Retention})
				stores[dir] = s
			} else {
				s.Reopen()
			}
			return s
		},
		Crash: func(*testing.T, string, storetest.Store) {}, // what is not closed was killed
	})
}
