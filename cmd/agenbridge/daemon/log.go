package daemon

import (
	"io"
	"log/slog"
)

// newLog returns the daemon's logger. Callers log ids and states only, and the
// types of secrets print without their value (agen.Secret, slackapp.Token).
func newLog(w io.Writer, cfg Config) *slog.Logger {
	var level slog.Level
	switch cfg.LogLevel {
	case "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	default:
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
