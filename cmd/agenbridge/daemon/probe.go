package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// probes are the servers of the probes.
type probes struct {
	servers   []*http.Server
	listeners []net.Listener
}

// listen opens the addresses. Where one can't be opened, none is left open.
func (d *daemon) listen(ctx context.Context) (*probes, error) {
	p := &probes{}
	ends := []struct {
		name    string
		address Address
		given   net.Listener
		server  func() *http.Server
	}{
		{"PROBE_ADDR", d.cfg.ProbeAddr, d.opts.Probe, d.probeServer},
		{"ADMIN_ADDR", d.cfg.AdminAddr, d.opts.Admin, d.adminServer},
	}
	for i, end := range ends {
		listener := end.given
		if listener == nil && end.address != "" {
			var err error
			var lc net.ListenConfig
			if listener, err = lc.Listen(ctx, "tcp", string(end.address)); err != nil {
				rest := closeAll(p.listeners...)
				for _, other := range ends[i+1:] {
					rest = errors.Join(rest, closeAll(other.given))
				}
				return nil, errors.Join(fmt.Errorf("listen at %s: %w", end.name, err), rest)
			}
		}
		if listener != nil {
			p.listeners = append(p.listeners, listener)
			p.servers = append(p.servers, end.server())
		}
	}
	return p, nil
}

func closeAll(listeners ...net.Listener) error {
	var all error
	for _, l := range listeners {
		if l != nil {
			all = errors.Join(all, l.Close())
		}
	}
	return all
}

// probeServer answers the three probes and nothing else.
func (d *daemon) probeServer() *http.Server { return d.server(http.NewServeMux()) }

// adminServer answers the probes, and operators.
func (d *daemon) adminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+BackupPath, d.operators(d.answerBackup))
	return d.server(mux)
}

// server answers the probes and what else is in mux.
func (d *daemon) server(mux *http.ServeMux) *http.Server {
	mux.HandleFunc("GET /healthz", d.answerHealth)
	mux.HandleFunc("GET /readyz", d.answerReady)
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: 2, Timeout: 10 * time.Second,
	}))
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

// serve serves until close. The error is that of a listener that broke; the
// others are closed then.
func (p *probes) serve() error {
	errs := make([]error, len(p.servers))
	var all sync.WaitGroup
	for i, s := range p.servers {
		all.Go(func() {
			if err := s.Serve(p.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				errs[i] = errors.Join(fmt.Errorf("serve the probes: %w", err), p.close())
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// close ends serve and breaks what is being answered.
func (p *probes) close() error {
	var all error
	for _, s := range p.servers {
		all = errors.Join(all, s.Close())
	}
	return all
}

func (d *daemon) answerHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if loop := d.stuck(time.Now()); loop != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "stuck: %s has not turned for over a minute\n", loop)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (d *daemon) answerReady(w http.ResponseWriter, _ *http.Request) {
	r := d.ready()
	body, err := json.Marshal(r)
	if err != nil {
		http.Error(w, "encode: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprintln(w, string(body))
}
