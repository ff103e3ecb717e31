package daemon

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/agenbridge/agenbridge/store"
)

// TestBackupIsForOperators checks that a backup needs the token and a POST, that
// browsers get none, and that PROBE_ADDR doesn't serve it at all.
func TestBackupIsForOperators(t *testing.T) {
	w := newWorld(t)
	w.environ["ADMIN_TOKEN"] = mark + "-admin"
	w.opts.Admin = w.listen()
	admin := "http://" + w.opts.Admin.Addr().String()
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	right := map[string]string{"Authorization": "Bearer " + mark + "-admin"}
	for name, c := range map[string]struct {
		method, base string
		headers      map[string]string
		want         int
	}{
		"the token":        {http.MethodPost, admin, right, 200},
		"no token":         {http.MethodPost, admin, nil, 401},
		"a wrong token":    {http.MethodPost, admin, map[string]string{"Authorization": "Bearer " + mark}, 401},
		"a bare token":     {http.MethodPost, admin, map[string]string{"Authorization": mark + "-admin"}, 401},
		"a page":           {http.MethodPost, admin, map[string]string{"Authorization": "Bearer " + mark + "-admin", "Origin": "http://evil.test"}, 403},
		"a GET":            {http.MethodGet, admin, right, 405},
		"the other door":   {http.MethodPost, w.base, right, 404},
		"a sandboxed page": {http.MethodPost, admin, map[string]string{"Authorization": "Bearer " + mark + "-admin", "Origin": ""}, 403},
		"a page, fetched":  {http.MethodPost, admin, map[string]string{"Sec-Fetch-Site": "same-origin"}, 403},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, c.base+BackupPath, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range c.headers {
			req.Header.Set(k, v)
		}
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.want {
			t.Errorf("%s: got %d, %v, want %d", name, resp.StatusCode, err, c.want)
		}
		if c.want == http.StatusOK {
			path := filepath.Join(t.TempDir(), "copy.db")
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := store.Verify(t.Context(), path); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestBackupWithoutATokenChecksTheHost: a web page can reach the loopback address
// by a DNS name of its own (DNS rebinding). The Host header then holds that name.
func TestBackupWithoutATokenChecksTheHost(t *testing.T) {
	w := newWorld(t)
	w.opts.Admin = w.listen()
	address := w.opts.Admin.Addr().String()
	w.start()
	w.eventually("ready", func() bool { return w.readiness().Ready })
	for host, want := range map[string]int{
		address: http.StatusOK, "localhost:8321": http.StatusOK, "[::1]:8321": http.StatusOK,
		"evil.test": http.StatusForbidden, "127.0.0.1.evil.test:8321": http.StatusForbidden, "10.0.0.1:8321": http.StatusForbidden,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+BackupPath, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body) // one backup at a time
		resp.Body.Close()
		if err != nil || resp.StatusCode != want {
			t.Errorf("Host %q: got %d, want %d", host, resp.StatusCode, want)
		}
	}
}
