package daemon

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/agenbridge/agenbridge/bridge"
)

// gauges are the metrics that are read from the daemon's parts at each scrape.
type gauges struct {
	d                                       *daemon
	laneWait, pending, undelivered, oldest  *prometheus.Desc
	socketsUp, socketsForeign, unauthorized *prometheus.Desc
	agenUnreachable, slackUnreachable       *prometheus.Desc
	storeUnhealthy, scrubAge                *prometheus.Desc
}

func newGauges(d *daemon) *gauges {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("agenbridge_"+name, help, labels, nil)
	}
	return &gauges{
		d:                d,
		laneWait:         describe("lane_wait_seconds", "How long the lane that is due longest has waited for a worker, by remote; 0 if none is due.", "remote"),
		pending:          describe("lanes_pending", "Threads with something to send to a remote, now or later, by remote.", "remote"),
		undelivered:      describe("deliveries_pending", "Messages not delivered to Agen, or posts not delivered to Slack, by remote, whatever their due time.", "remote"),
		oldest:           describe("oldest_undelivered_seconds", "Age of the oldest message or post that is not delivered, by remote, whatever its due time; 0 if there is none.", "remote"),
		socketsUp:        describe("sockets_up", "Open Socket Mode connections to Slack."),
		socketsForeign:   describe("sockets_foreign", "Socket Mode connections that other processes have open with our app token, as of the latest hello."),
		unauthorized:     describe("unauthorized", "1 while the remote refuses a credential; for Agen, by route.", "remote", "route"),
		agenUnreachable:  describe("agen_unreachable_seconds", "How long Agen has not answered, for the route that has waited longest; 0 while it answers."),
		slackUnreachable: describe("slack_unreachable_seconds", "How long calls to Slack have failed that post or react, or those that ask; 0 while it answers both."),
		storeUnhealthy:   describe("store_unhealthy", "1 while the store can't be written, or isn't open yet."),
		scrubAge:         describe("scrub_age_seconds", "Seconds since the last complete scrub: freed pages of the store were overwritten, and hold no message text."),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(c chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{
		g.laneWait, g.pending, g.undelivered, g.oldest, g.socketsUp, g.socketsForeign, g.unauthorized,
		g.agenUnreachable, g.slackUnreachable, g.storeUnhealthy, g.scrubAge,
	} {
		c <- one
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(c chan<- prometheus.Metric) {
	set := func(desc *prometheus.Desc, value float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	unhealthy := true
	if s := g.d.store.Load(); s != nil {
		unhealthy = s.Health() != nil
		set(g.scrubAge, s.ScrubAge().Seconds())
		for _, remote := range bothRemotes {
			depth := s.Depth(remote)
			set(g.laneWait, depth.LaneWait.Seconds(), string(remote))
			set(g.pending, float64(depth.Lanes), string(remote))
			set(g.undelivered, float64(depth.Undelivered), string(remote))
			set(g.oldest, depth.Oldest.Seconds(), string(remote))
		}
	}
	status := g.d.slack.Status()
	set(g.storeUnhealthy, oneIf(unhealthy))
	set(g.socketsUp, float64(status.Up))
	set(g.socketsForeign, float64(status.Other))
	set(g.unauthorized, oneIf(status.BotTokenError != "" || status.AppTokenError != ""), "slack", "")
	for _, w := range g.d.workspaces {
		set(g.unauthorized, oneIf(w.keyRefused()), "agen", w.route)
	}
	set(g.agenUnreachable, g.d.silentFor(bridge.ToAgen).Seconds())
	set(g.slackUnreachable, g.d.silentFor(bridge.ToSlack).Seconds())
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
