package daemon

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// BackupPath is the path of the endpoint that returns a backup.
const BackupPath = "/backup"

const (
	// BackupTimeout bounds one backup.
	BackupTimeout = 10 * time.Minute
	// backupStall is how long a client may read nothing until the backup is
	// aborted.
	backupStall = 30 * time.Second
)

// Admin is the part of the configuration that a client of the operator endpoints
// needs.
type Admin struct {
	// Addr is ADMIN_ADDR; empty if there is none.
	Addr Address
	// Token is ADMIN_TOKEN; empty if there is none.
	Token agen.Secret
}

// ParseAdmin reads ADMIN_ADDR and ADMIN_TOKEN like Parse, and no other variable.
func ParseAdmin(environ map[string]string) (Admin, error) {
	p := parsing{given: map[string]string{}, files: map[string]string{}}
	for name, value := range environ {
		if strings.HasPrefix(name, "ADMIN_") {
			p.given[name] = unquote(value)
		}
	}
	var cfg Config
	p.read(&cfg, "")
	p.problems = slices.DeleteFunc(p.problems, func(one Problem) bool { return !strings.HasPrefix(one.Name, "ADMIN_") })
	if len(p.problems) > 0 {
		return Admin{}, p.problems
	}
	return Admin{Addr: cfg.AdminAddr, Token: cfg.AdminToken}, nil
}

// operatorsOnly rejects requests without ADMIN_TOKEN, if there is one, and
// requests from browsers: any web page can reach the loopback address of its
// visitor, also under a name of its own that resolves to it (DNS rebinding).
func (d *daemon) operatorsOnly(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header["Origin"] != nil || r.Header["Sec-Fetch-Site"] != nil:
			http.Error(w, "not for browsers", http.StatusForbidden)
		case d.cfg.AdminToken == "" && !namesLoopback(r.Host):
			http.Error(w, "the Host header does not name a loopback address", http.StatusForbidden)
		case !d.isOperator(r):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "ADMIN_TOKEN is missing or wrong", http.StatusUnauthorized)
		default:
			serve(w, r)
		}
	}
}

// namesLoopback reports whether a Host header is localhost or a loopback address.
func namesLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return isLoopback(strings.Trim(host, "[]"))
}

func (d *daemon) isOperator(r *http.Request) bool {
	if d.cfg.AdminToken == "" {
		return true
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// The hashes have the same length, so that the time of the comparison reveals
	// nothing.
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(d.cfg.AdminToken))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && ok
}

// serveBackup writes a copy of the store. If the copy fails after its first byte,
// the response is cut off, so that the client notices.
func (d *daemon) serveBackup(w http.ResponseWriter, r *http.Request) {
	started, s := time.Now(), d.store.Load()
	switch {
	case s == nil:
		http.Error(w, "the store is not open yet", http.StatusServiceUnavailable)
		return
	case !d.copying.TryLock():
		http.Error(w, "another backup is in progress", http.StatusConflict)
		return
	}
	defer d.copying.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), BackupTimeout)
	defer cancel()
	out := &stallWriter{w: w, control: http.NewResponseController(w)}
	if err := out.control.SetWriteDeadline(started.Add(BackupTimeout + backupStall)); err != nil {
		http.Error(w, "back up: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Backup(ctx, out); err != nil {
		d.log.LogAttrs(ctx, slog.LevelError, "backup failed", slog.Any("err", err))
		if out.n > 0 {
			panic(http.ErrAbortHandler) // the response has begun, so this is the only way to report it
		}
		w.Header().Del("Content-Type")
		http.Error(w, "back up: "+err.Error(), http.StatusInternalServerError)
		return
	}
	d.log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.String("event", "backup_made"),
		slog.Int64("bytes", out.n), slog.Float64("took_ms", time.Since(started).Seconds()*1e3))
}

// stallWriter extends the write deadline before each write: it limits how long the
// client may read nothing, not how long the whole response takes.
type stallWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	n       int64
}

// Write implements io.Writer.
func (p *stallWriter) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(backupStall)); err != nil {
		return 0, fmt.Errorf("extend the deadline: %w", err)
	}
	n, err := p.w.Write(b)
	p.n += int64(n)
	return n, err
}
