package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
	"github.com/agenbridge/agenbridge/store"
)

// backup has the running daemon copy its store to a new file, which then is
// there whole or not at all. Of the configuration it reads ADMIN_ADDR and
// ADMIN_TOKEN.
func backup(ctx context.Context, args []string, environ map[string]string, out, errs io.Writer) int {
	if len(args) != 1 || args[0] == "" || strings.HasPrefix(args[0], "-") {
		fmt.Fprintln(errs, "usage: agenbridge backup <file>, a file that does not exist yet")
		return exitUsage
	}
	admin, err := daemon.ParseAdmin(environ)
	if err != nil {
		fmt.Fprintf(errs, "agenbridge can't use its configuration:\n%v\n", err)
		return exitUsage
	}
	url, ok := localURL(string(admin.Addr), daemon.BackupPath)
	if !ok {
		fmt.Fprintln(errs, "agenbridge backup: ADMIN_ADDR is empty, so that there is nobody to ask; set it to host:port")
		return exitUsage
	}
	ctx, cancel := context.WithTimeout(ctx, daemon.BackupTimeout)
	defer cancel()
	n, err := backupTo(ctx, args[0], url, admin)
	if err != nil {
		fmt.Fprintf(errs, "agenbridge backup: %v\n", err)
		return exitBad
	}
	fmt.Fprintf(out, "%s: %d bytes\n", args[0], n)
	return exitGood
}

// backupTo fetches the copy into a file beside the target, checks it, and
// gives it its name.
func backupTo(ctx context.Context, target, url string, admin daemon.Admin) (n int64, err error) {
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s exists already, or can't be looked at, and nothing is ever overwritten: name another file", target)
	}
	part, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".part-*") // 0600
	if err != nil {
		return 0, fmt.Errorf("make %s: %w", target, err)
	}
	defer func() {
		e := part.Close()
		if errors.Is(e, fs.ErrClosed) {
			e = nil
		}
		if gone := os.Remove(part.Name()); !errors.Is(gone, fs.ErrNotExist) {
			e = errors.Join(e, gone)
		}
		err = errors.Join(err, e)
	}()
	if n, err = fetch(ctx, url, admin, part); err != nil {
		return 0, err
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return 0, fmt.Errorf("write %s: %w", target, err)
	}
	if err := store.Verify(ctx, part.Name()); err != nil {
		return 0, fmt.Errorf("what came is no backup: %w", err)
	}
	return n, install(part.Name(), target)
}

// install gives a file its name, unless something has that name.
func install(part, target string) error {
	taken, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make %s: %w", target, err)
	}
	if err := taken.Close(); err != nil {
		return fmt.Errorf("make %s: %w", target, err)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("name the backup: %w", errors.Join(err, os.Remove(target)))
	}
	dir, err := os.Open(filepath.Dir(target))
	if err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}

// fetch has the daemon make a backup and writes it to w. No proxy is asked.
func fetch(ctx context.Context, url string, admin daemon.Admin, w io.Writer) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", url, err)
	}
	if admin.Token != "" {
		req.Header.Set("Authorization", "Bearer "+string(admin.Token))
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, fmt.Errorf("ask %s, is agenbridge running?: %w", url, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return 0, errors.Join(fmt.Errorf("%s answers %d: %s", url, resp.StatusCode, strings.TrimSpace(string(said))), err)
	}
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return 0, fmt.Errorf("receive the backup: %w", err)
	}
	return n, nil
}
