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

// probes are the HTTP servers of /healthz, /readyz, /metrics and the operator
// endpoints.
type probes struct {
	servers   []*http.Server
	listeners []net.Listener
}

// listen opens the addresses. If one can't be opened it closes the others.
func (d *daemon) listen(ctx context.Context) (*probes, error) {
	p := &probes{}
	endpoints := []struct {
		name    string
		address Address
		given   net.Listener
		server  func() *http.Server
	}{
		{"PROBE_ADDR", d.cfg.ProbeAddr, d.opts.Probe, d.probeServer},
		{"ADMIN_ADDR", d.cfg.AdminAddr, d.opts.Admin, d.adminServer},
	}
	for i, e := range endpoints {
		listener := e.given
		if listener == nil && e.address != "" {
			var err error
			var lc net.ListenConfig
			if listener, err = lc.Listen(ctx, "tcp", string(e.address)); err != nil {
				rest := closeAll(p.listeners...)
				for _, other := range endpoints[i+1:] {
					rest = errors.Join(rest, closeAll(other.given))
				}
				return nil, errors.Join(fmt.Errorf("listen on %s: %w", e.name, err), rest)
			}
		}
		if listener != nil {
			p.listeners = append(p.listeners, listener)
			p.servers = append(p.servers, e.server())
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

// probeServer serves the three probes and nothing else.
func (d *daemon) probeServer() *http.Server { return d.server(http.NewServeMux()) }

// adminServer serves the probes and the operator endpoints.
func (d *daemon) adminServer() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+BackupPath, d.operatorsOnly(d.serveBackup))
	return d.server(mux)
}

// server serves the probes and whatever else is in mux.
func (d *daemon) server(mux *http.ServeMux) *http.Server {
	mux.HandleFunc("GET /healthz", d.serveHealth)
	mux.HandleFunc("GET /readyz", d.serveReadiness)
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: 2, Timeout: 10 * time.Second,
	}))
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

// serve serves until close. If a listener breaks, serve closes the others and
// returns its error.
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

// close ends serve and aborts the requests that are being served.
func (p *probes) close() error {
	var all error
	for _, s := range p.servers {
		all = errors.Join(all, s.Close())
	}
	return all
}

func (d *daemon) serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if loop := d.stuckLoop(time.Now()); loop != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "stuck: %s has not turned for over %v\n", loop, stuckAfter)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (d *daemon) serveReadiness(w http.ResponseWriter, _ *http.Request) {
	r := d.readiness(time.Now())
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
