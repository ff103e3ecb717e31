package daemon

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agenbridge/agenbridge/agen"
)

// BackupPath is where operators fetch a backup.
const BackupPath = "/backup"

// BackupTime bounds the making of one backup, and backupStall how long its
// reader may take nothing.
const (
	BackupTime  = 10 * time.Minute
	backupStall = 30 * time.Second
)

// Admin is how operators reach the running daemon.
type Admin struct {
	// Addr is ADMIN_ADDR, empty when there is none.
	Addr Address
	// Token is ADMIN_TOKEN.
	Token agen.Secret
}

// ParseAdmin reads ADMIN_ADDR and ADMIN_TOKEN and nothing else, as Parse does.
func ParseAdmin(environ map[string]string) (Admin, error) {
	p := parsing{given: map[string]string{}, files: map[string]string{}}
	for name, value := range environ {
		if strings.HasPrefix(name, "ADMIN_") {
			p.given[name] = strings.TrimSpace(value)
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

// operators lets those through who may use the operator endpoints: who has
// ADMIN_TOKEN where there is one, and no page in a browser, which reaches the
// loopback address of whoever looks at it.
func (d *daemon) operators(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "":
			http.Error(w, "not for browsers", http.StatusForbidden)
		case !d.isOperator(r):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "ADMIN_TOKEN is missing or wrong", http.StatusUnauthorized)
		default:
			serve(w, r)
		}
	}
}

func (d *daemon) isOperator(r *http.Request) bool {
	if d.cfg.AdminToken == "" {
		return true
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// Of the same length, so that the time tells nothing.
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(d.cfg.AdminToken))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && ok
}

// answerBackup writes a copy of the store. An answer that ends before its end
// tells that it failed.
func (d *daemon) answerBackup(w http.ResponseWriter, r *http.Request) {
	began, s := time.Now(), d.store.Load()
	switch {
	case s == nil:
		http.Error(w, "the store is not open yet", http.StatusServiceUnavailable)
		return
	case !d.copying.TryLock():
		http.Error(w, "a backup is being made already", http.StatusConflict)
		return
	}
	defer d.copying.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), BackupTime)
	defer cancel()
	out := &patientWriter{w: w, control: http.NewResponseController(w)}
	if err := out.control.SetWriteDeadline(began.Add(BackupTime + backupStall)); err != nil {
		http.Error(w, "no backup: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Backup(ctx, out); err != nil {
		d.log.LogAttrs(ctx, slog.LevelError, "no backup was made", slog.Any("err", err))
		if out.n > 0 {
			panic(http.ErrAbortHandler) // the only way to tell
		}
		w.Header().Del("Content-Type")
		http.Error(w, "no backup: "+err.Error(), http.StatusInternalServerError)
		return
	}
	d.log.LogAttrs(ctx, slog.LevelInfo, "audit", slog.String("act", "backed up"),
		slog.Int64("bytes", out.n), slog.Float64("took_ms", time.Since(began).Seconds()*1e3))
}

// patientWriter gives a reader time for each part of an answer instead of for
// the whole.
type patientWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	n       int64
}

// Write implements io.Writer.
func (p *patientWriter) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(backupStall)); err != nil {
		return 0, fmt.Errorf("extend the deadline: %w", err)
	}
	n, err := p.w.Write(b)
	p.n += int64(n)
	return n, err
}
