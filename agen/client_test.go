package agen_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		cfg agen.Config
		ok  bool
	}{
		{agen.Config{Key: "k"}, true},
		{agen.Config{Key: " k\n", BaseURL: "http://127.0.0.1:1/prefix/"}, true},
		{agen.Config{}, false},
		{agen.Config{Key: "  "}, false},
		{agen.Config{Key: "a\x00b"}, false},
		{agen.Config{Key: "k", BaseURL: "api.agenhq.com"}, false},
		{agen.Config{Key: "k", BaseURL: "ftp://api.agenhq.com"}, false},
		{agen.Config{Key: "k", BaseURL: "https://"}, false},
		{agen.Config{Key: "k", BaseURL: "https://user:hunter2@host/"}, false},
		{agen.Config{Key: "k", BaseURL: "https://user:hunter2@host:port/"}, false},
		{agen.Config{Key: "k", BaseURL: "https://host/?x"}, false},
		{agen.Config{Key: "k", UserAgentVersion: "1\n"}, false},
	} {
		_, err := agen.New(tt.cfg)
		if (err == nil) != tt.ok {
			t.Errorf("New(%q): got error %v, want ok %t", tt.cfg.BaseURL, err, tt.ok)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("New(%q): the error %v shows the password", tt.cfg.BaseURL, err)
		}
	}
}

func TestSetKeyWhileCalling(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("x-api-key"); key != testKey && key != "another" {
			t.Errorf("got key %q", key)
		}
		fmt.Fprint(w, `{"items":[]}`)
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if _, err := c.ListSessions(t.Context()); err != nil {
					t.Error(err)
				}
				c.SetKey("another\n")
			}
		})
	}
	wg.Wait()
}
