package daemon

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agenbridge/agenbridge/bridge"
)

// gauges are the states that are asked when the metrics are scraped.
type gauges struct {
	d                                                                                *daemon
	oldest, owed, up, foreign, unauthorized, silent, storeDown, scrubAge, goroutines *prometheus.Desc
}

func newGauges(d *daemon) *gauges {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("agenbridge_"+name, help, labels, nil)
	}
	return &gauges{
		d:            d,
		oldest:       describe("oldest_due_seconds", "For how long the longest due thread has waited for a worker, by lane.", "lane"),
		owed:         describe("lanes_owed", "Threads that a remote is owed something, now or later, by lane.", "lane"),
		up:           describe("sockets_up", "Open sockets to Slack."),
		foreign:      describe("sockets_foreign", "Sockets that others have open with our app token, as of the latest hello."),
		unauthorized: describe("unauthorized", "1 while the side refuses a credential; of Agen, by the route that has it.", "side", "route"),
		silent:       describe("agen_silent_seconds", "For how long Agen has not answered the route that waits longest; 0 while it answers."),
		storeDown:    describe("store_failing", "1 while the store can't be written, or isn't open yet."),
		scrubAge:     describe("scrub_age_seconds", "Seconds since the last complete scrub: freed pages of the store were overwritten, and hold no message text."),
		goroutines:   describe("goroutines", "Goroutines there are; their number doesn't follow that of threads."),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(c chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{g.oldest, g.owed, g.up, g.foreign, g.unauthorized, g.silent, g.storeDown, g.scrubAge, g.goroutines} {
		c <- one
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(c chan<- prometheus.Metric) {
	set := func(desc *prometheus.Desc, value float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	failing := true
	if s := g.d.store.Load(); s != nil {
		failing = s.Health() != nil
		set(g.scrubAge, s.ScrubAge().Seconds())
		for _, remote := range []bridge.Remote{bridge.ToAgen, bridge.ToSlack} {
			depth := s.Depth(remote)
			set(g.oldest, depth.Oldest.Seconds(), string(remote))
			set(g.owed, float64(depth.Lanes), string(remote))
		}
	}
	status := g.d.slack.Status()
	set(g.storeDown, one(failing))
	set(g.goroutines, float64(runtime.NumGoroutine()))
	set(g.up, float64(status.Up))
	set(g.foreign, float64(status.Other))
	set(g.unauthorized, one(status.BotTokenError != "" || status.AppTokenError != ""), "slack", "")
	for _, w := range g.d.workspaces {
		set(g.unauthorized, one(w.refuses()), "agen", w.route)
	}
	if r := g.d.relay.Load(); r != nil {
		set(g.silent, r.AgenUnreachable().Seconds())
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
