package daemon

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/bridge/relay"
	"github.com/agenbridge/agenbridge/slackapp"
	"github.com/agenbridge/agenbridge/store"
)

// metrics are the counters and histograms of one daemon. It observes the relay,
// slackapp and the store; gauges has what is read at each scrape instead.
type metrics struct {
	registry     *prometheus.Registry
	slackSilence *slackSilence

	events, clicks, socketEvents, acksFailed, fallbacks, backfills *prometheus.CounterVec
	slackFaults, steps, auditEvents, panics                        *prometheus.CounterVec
	stepSeconds                                                    *prometheus.HistogramVec
	deadDeliveries, commits, commitErrors                          prometheus.Counter
	commitSeconds, sendDelay, postDelay                            prometheus.Histogram
}

var (
	_ relay.Observer    = (*metrics)(nil)
	_ slackapp.Observer = (*metrics)(nil)
	_ store.Observer    = (*metrics)(nil)
)

// newMetrics registers the metrics in a registry of their own, so that several
// daemons can run in one process.
func newMetrics(version string, now func() time.Time) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), slackSilence: newSlackSilence(now)}
	count := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "agenbridge_" + name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	single := func(name, help string) prometheus.Counter { return count(name, help).WithLabelValues() }

	m.events = count("events_total", "Events received from Slack except clicks, by outcome or the reason they were ignored.", "outcome")
	m.clicks = count("clicks_total", "Clicks on buttons, by outcome, reason or refusal.", "outcome")
	m.socketEvents = count("socket_events_total", "Socket Mode connections opened, closed and replaced, and their failures, by event.", "event")
	m.acksFailed = count("acks_failed_total", "Acknowledgements that did not reach Slack, by cause; Slack delivers those events again.", "cause")
	m.fallbacks = count("fallbacks_total", "Posts that Slack accepted only in a simpler form, by the form it rejected.", "form")
	m.backfills = count("backfill_results_total", "Messages that the backfill found and channels it could not read, by outcome.", "outcome")
	m.slackFaults = count("slack_call_faults_total", "Calls to Slack that failed, by method and fault class.", "method", "class")
	m.steps = count("steps_total", "Steps of the lanes, by remote, kind and fault class; class is empty for success.", "remote", "kind", "class")
	m.auditEvents = count("audit_events_total", "Lines of the audit log, by event.", "event")
	m.panics = count("panics_total", "Panics that were caught, by where: step, decision, event, click, backfill.", "where")
	// Create these series at zero: alerts look at increases, and the first sample
	// of a series doesn't count as one.
	for _, where := range []string{"step", "decision", string(slackapp.CounterEvent), string(slackapp.CounterClick), string(slackapp.CounterBackfill)} {
		m.panics.WithLabelValues(where)
	}
	m.backfills.WithLabelValues(slackapp.BackfillMissed)
	m.deadDeliveries = single("deliveries_dead_total", "Messages that were given up; the thread has a note for each.")
	m.commits = single("commits_total", "Transactions of the store.")
	m.commitErrors = single("commit_errors_total", "Transactions that could not be written; nothing in them was acknowledged.")

	m.stepSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "agenbridge_step_seconds", Help: "How long steps took, by remote.", Buckets: []float64{.05, .25, 1, 5, 30},
	}, []string{"remote"})
	m.commitSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "agenbridge_commit_seconds", Help: "How long transactions took to write.", Buckets: []float64{.001, .01, .1, 1},
	})
	delay := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "agenbridge_" + name, Help: help, Buckets: []float64{.5, 1, 2, 5, 10, 20, 60, 300, 3600},
		})
	}
	m.sendDelay = delay("send_delay_seconds", "Time from Slack's timestamp of a message to the call that sent it to Agen; not of messages that a person had sent later.")
	m.postDelay = delay("post_delay_seconds", "Time from an event of the agent to its post in Slack.")
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "agenbridge_build_info", Help: "Always 1; the labels name the version and the Go release.",
	}, []string{"version", "go"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(m.stepSeconds, m.commitSeconds, m.sendDelay, m.postDelay, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// StepDone implements relay.Observer.
func (m *metrics) StepDone(remote bridge.Remote, kind bridge.StepKind, fault bridge.FaultClass, took time.Duration) {
	m.steps.WithLabelValues(string(remote), string(kind), string(fault)).Inc()
	m.stepSeconds.WithLabelValues(string(remote)).Observe(took.Seconds())
}

// Audited implements relay.Observer.
func (m *metrics) Audited(a bridge.AuditEvent) {
	m.auditEvents.WithLabelValues(a.Event).Inc()
	switch {
	case a.Event == bridge.AuditGivenUp:
		m.deadDeliveries.Inc()
	case a.Event == bridge.AuditSent && a.Delay > 0:
		m.sendDelay.Observe(a.Delay.Seconds())
	case a.Event == bridge.AuditPosted && a.Delay > 0:
		m.postDelay.Observe(a.Delay.Seconds())
	}
}

// Received implements relay.Observer. It does nothing, because Count gets the same
// events and more.
func (m *metrics) Received(string) {}

// PanicCaught implements relay.Observer.
func (m *metrics) PanicCaught(where string) { m.panics.WithLabelValues(where).Inc() }

// Sockets implements slackapp.Observer; gauges reads the number.
func (m *metrics) Sockets(int) {}

// Foreign implements slackapp.Observer; gauges reads the number.
func (m *metrics) Foreign(int) {}

// Count implements slackapp.Observer.
func (m *metrics) Count(what slackapp.Counter, label string) {
	if label == slackapp.OutcomePanicked {
		m.panics.WithLabelValues(string(what)).Inc()
	}
	switch what {
	case slackapp.CounterEvent:
		m.events.WithLabelValues(label).Inc()
	case slackapp.CounterClick:
		m.clicks.WithLabelValues(label).Inc()
	case slackapp.CounterAck:
		m.acksFailed.WithLabelValues(label).Inc()
	case slackapp.CounterFallback:
		m.fallbacks.WithLabelValues(label).Inc()
	case slackapp.CounterBackfill:
		m.backfills.WithLabelValues(label).Inc()
	case slackapp.CounterSocket:
		m.socketEvents.WithLabelValues(label).Inc()
	}
}

// Call implements slackapp.Observer.
func (m *metrics) Call(method string, class bridge.FaultClass, _ time.Duration) {
	m.slackSilence.note(method, class)
	if class != "" {
		m.slackFaults.WithLabelValues(method, string(class)).Inc()
	}
}

// Committed implements store.Observer.
func (m *metrics) Committed(_ int, took time.Duration, err error) {
	m.commits.Inc()
	m.commitSeconds.Observe(took.Seconds())
	if err != nil {
		m.commitErrors.Inc()
	}
}

// storeObservers calls each observer after each commit, in order; nil observers are
// skipped.
type storeObservers []store.Observer

// Committed implements store.Observer.
func (all storeObservers) Committed(requests int, took time.Duration, err error) {
	for _, o := range all {
		if o != nil {
			o.Committed(requests, took, err)
		}
	}
}
