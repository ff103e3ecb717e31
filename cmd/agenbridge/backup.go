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

// backup makes the running daemon copy its store to a new file, which appears only
// when it is complete. It reads no variables except ADMIN_ADDR and ADMIN_TOKEN.
func backup(ctx context.Context, in invocation) error {
	if len(in.args) != 1 || in.args[0] == "" || strings.HasPrefix(in.args[0], "-") {
		return &usageError{errors.New("backup takes one argument, the path of a file that does not exist yet")}
	}
	target := in.args[0]
	admin, err := daemon.ParseAdmin(in.environ)
	if err != nil {
		return configError(err)
	}
	url, ok := localURL(string(admin.Addr), daemon.BackupPath)
	if !ok {
		return &usageError{errors.New("backup: ADMIN_ADDR is empty, so no running bridge can be reached; set it to host:port")}
	}
	ctx, cancel := context.WithTimeout(ctx, daemon.BackupTimeout)
	defer cancel()
	n, err := backupTo(ctx, target, url, admin)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(in.out, "%s: %d bytes\n", target, n)
	return nil
}

// backupTo downloads the copy into a temporary file next to the target, verifies
// it, and renames it.
func backupTo(ctx context.Context, target, url string, admin daemon.Admin) (n int64, err error) {
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s exists already, or its folder can't be read; a backup overwrites nothing, so choose another name", target)
	}
	part, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".part-*") // with mode 0600
	if err != nil {
		return 0, fmt.Errorf("create %s: %w", target, err)
	}
	defer func() {
		e := part.Close()
		if errors.Is(e, fs.ErrClosed) {
			e = nil
		}
		if removed := os.Remove(part.Name()); !errors.Is(removed, fs.ErrNotExist) {
			e = errors.Join(e, removed)
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
		return 0, fmt.Errorf("verify the backup: %w", err)
	}
	return n, install(part.Name(), target)
}

// install renames a file, unless the new name is taken.
func install(part, target string) error {
	taken, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create %s: %w", target, err)
	}
	if err := taken.Close(); err != nil {
		return fmt.Errorf("create %s: %w", target, err)
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("rename the backup: %w", errors.Join(err, os.Remove(target)))
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

// fetch requests a backup from the daemon and writes it to w. It uses no proxy.
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
		message, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		return 0, errors.Join(fmt.Errorf("%s answered %d: %s", url, resp.StatusCode, strings.TrimSpace(string(message))), err)
	}
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return 0, fmt.Errorf("receive the backup: %w", err)
	}
	return n, nil
}
