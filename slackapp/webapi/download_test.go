package webapi

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestOnlySlackGetsTheToken(t *testing.T) {
	c := NewClient(Config{URL: "http://127.0.0.1:7/api/"})
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/a.txt": true, "https://acme.slack.com/x": true,
		"https://slack-gov.com/x": true, "http://127.0.0.1:7/files-pri/x": true,
		"http://files.slack.com/x": false, "https://slack.com.evil.example/x": false, "https://evilslack.com/x": false,
		"https://user@files.slack.com/x": false, "http://127.0.0.1:8/x": false, "ftp://files.slack.com/x": false,
		"https://files.slack.com@evil.example/x": false, "//files.slack.com/x": false, "": false, ":": false,
	} {
		if got := c.MayDownload(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

// In TestDownloadIsBoundedAndFollowsNoRedirect a file's address redirects to another host, or leads to a file that never
// ends.
func TestDownloadIsBoundedAndFollowsNoRedirect(t *testing.T) {
	const limit = 1 << 10
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			return
		}
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return
			}
		}
	}))
	defer slack.Close()
	c := NewClient(Config{URL: slack.URL + "/api/", Token: func() string { return "x" }})
	if data, err := c.Download(t.Context(), slack.URL+"/moved", false, limit); !errors.Is(err, bridge.ClassRejected) || len(data) != 0 {
		t.Errorf("redirect: got %d bytes, %v, want ClassRejected", len(data), err)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests reached the other host, want none", n)
	}
	if data, err := c.Download(t.Context(), slack.URL+"/endless", false, limit); err != nil || len(data) != limit+1 {
		t.Errorf("endless file: got %d bytes, %v, want one more than the limit", len(data), err)
	}
}

func TestDownloadSaysWhatMayPass(t *testing.T) {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, kind := http.StatusOK, "text/plain"
		switch name := path.Base(r.URL.Path); name {
		case "page":
			kind = "text/html; charset=utf-8"
		default:
			if n, err := strconv.Atoi(name); err == nil {
				status = n
			}
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
	}))
	defer slack.Close()
	c := NewClient(Config{URL: slack.URL + "/api/", Token: func() string { return "x" }})
	for name, want := range map[string]error{
		"text": nil, "403": bridge.ClassTemporary, "404": bridge.ClassTemporary, "502": bridge.ClassTemporary,
		"429": bridge.ClassRateLimited, "401": bridge.ClassRejected, "302": bridge.ClassRejected, "page": bridge.ClassTemporary,
	} {
		if _, err := c.Download(t.Context(), slack.URL+"/"+name, false, 10); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if _, err := c.Download(t.Context(), slack.URL+"/page", true, 10); err != nil {
		t.Errorf("a file that is HTML: %v", err)
	}
}
