package daemon

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp"
	"github.com/agenbridge/agenbridge/store"
)

// metrics counts what the other packages tell, for operators. It is their
// observer.
type metrics struct {
	registry *prometheus.Registry

	events, clicks, sockets, acks, fallbacks, sweeps *prometheus.CounterVec
	slackFaults, steps, acts, panics                 *prometheus.CounterVec
	stepTime                                         *prometheus.HistogramVec
	dead, commits, commitErrors                      prometheus.Counter
	commitTime                                       prometheus.Histogram
}

var (
	_ bridge.Observer   = (*metrics)(nil)
	_ slackapp.Observer = (*metrics)(nil)
	_ store.Observer    = (*metrics)(nil)
)

// newMetrics makes a registry of its own, so that daemons can run side by
// side. What is a state and not a count is asked of d when it is scraped.
func newMetrics(version string, d *daemon) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	count := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "agenbridge_" + name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	single := func(name, help string) prometheus.Counter { return count(name, help).WithLabelValues() }

	m.events = count("events_total", "What came in from Slack but for clicks, by outcome or the reason it was ignored.", "outcome")
	m.clicks = count("clicks_total", "Clicks on buttons, by outcome, reason or refusal.", "outcome")
	m.sockets = count("socket_changes_total", "What befell the sockets to Slack.", "change")
	m.acks = count("acks_failed_total", "Acknowledgements that did not reach Slack, by cause; those events come again.", "cause")
	m.fallbacks = count("fallbacks_total", "What Slack would not take as it was meant, and took in a simpler form, by form.", "envelope")
	m.sweeps = count("sweeps_total", "What was found by reading Slack, and what could not be read, by outcome.", "outcome")
	m.slackFaults = count("slack_call_faults_total", "Calls to Slack that failed, by method and class.", "method", "class")
	m.steps = count("steps_total", "Steps of the lanes, by lane, kind and the class of the fault; class is empty for success.", "lane", "kind", "class")
	m.acts = count("acts_total", "Acts, one for each line of the audit log.", "act")
	m.panics = count("panics_total", "Bugs that were met and survived, by where: step, decision, event, click, sweep.", "where")
	m.dead = single("deliveries_dead_total", "Messages that were given up; the thread has a note for each.")
	m.commits = single("commits_total", "Transactions of the store.")
	m.commitErrors = single("commit_errors_total", "Transactions that could not be written; nothing was acknowledged.")

	m.stepTime = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "agenbridge_step_seconds", Help: "How long steps took, by lane.", Buckets: []float64{.05, .25, 1, 5, 30},
	}, []string{"lane"})
	m.commitTime = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "agenbridge_commit_seconds", Help: "How long transactions took to write.", Buckets: []float64{.001, .01, .1, 1},
	})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "agenbridge_build_info", Help: "Always 1; the labels say what is running.",
	}, []string{"version", "go"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(m.stepTime, m.commitTime, build, newGauges(d))
	return m
}

// StepDone implements bridge.Observer.
func (m *metrics) StepDone(remote bridge.Remote, kind bridge.StepKind, fault bridge.FaultClass, took time.Duration) {
	m.steps.WithLabelValues(string(remote), string(kind), string(fault)).Inc()
	m.stepTime.WithLabelValues(string(remote)).Observe(took.Seconds())
}

// Audited implements bridge.Observer.
func (m *metrics) Audited(name string) {
	m.acts.WithLabelValues(name).Inc()
	if name == "dead" {
		m.dead.Inc()
	}
}

// Received implements bridge.Observer. Tally tells the same and more.
func (m *metrics) Received(string) {}

// PanicCaught implements bridge.Observer.
func (m *metrics) PanicCaught(where string) { m.panics.WithLabelValues(where).Inc() }

// Sockets implements slackapp.Observer; the number is asked at the scrape.
func (m *metrics) Sockets(int) {}

// Foreign implements slackapp.Observer; the number is asked at the scrape.
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
		m.acks.WithLabelValues(label).Inc()
	case slackapp.CounterFallback:
		m.fallbacks.WithLabelValues(label).Inc()
	case slackapp.CounterBackfill:
		m.sweeps.WithLabelValues(label).Inc()
	case slackapp.CounterSocket:
		m.sockets.WithLabelValues(label).Inc()
	}
}

// Call implements slackapp.Observer.
func (m *metrics) Call(method string, class bridge.FaultClass, _ time.Duration) {
	if class != "" {
		m.slackFaults.WithLabelValues(method, string(class)).Inc()
	}
}

// Committed implements store.Observer.
func (m *metrics) Committed(_ int, took time.Duration, err error) {
	m.commits.Inc()
	m.commitTime.Observe(took.Seconds())
	if err != nil {
		m.commitErrors.Inc()
	}
}

// observers are told of commits one after the other; nil ones are left out.
type observers []store.Observer

// Committed implements store.Observer.
func (all observers) Committed(requests int, took time.Duration, err error) {
	for _, o := range all {
		if o != nil {
			o.Committed(requests, took, err)
		}
	}
}
