package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.yaml.in/yaml/v4"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// deployed returns the text of a file in the folder deploy.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type alertRules struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Annotations struct {
				Runbook string `yaml:"runbook_url"`
			}
		}
	}
}

func rulesOf(t *testing.T) (rules alertRules) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(deployed(t, "alerts.yaml")), &rules); err != nil {
		t.Fatal(err)
	}
	return rules
}

// queriesOf returns the queries of the dashboard.
func queriesOf(t *testing.T) (all []string) {
	t.Helper()
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal([]byte(deployed(t, "dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	if len(all) == 0 {
		t.Fatal("the dashboard has no queries")
	}
	return all
}

var metricName = regexp.MustCompile(`\b(?:agenbridge|go|process)_\w+`)

// knownMetrics returns the metrics in the handbook, which another test compares
// with the code, and those of the Prometheus client library.
func knownMetrics(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, name := range found(t, "(?m)^\\| `(agenbridge_\\w+)` \\|", handbook(t)) {
		known[name] = true
	}
	library := prometheus.NewRegistry()
	library.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := library.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		known[f.GetName()] = true
	}
	return known
}

func TestQueriesUseMetricsThatExist(t *testing.T) {
	known, queries := knownMetrics(t), queriesOf(t)
	for _, g := range rulesOf(t).Groups {
		for _, r := range g.Rules {
			queries = append(queries, r.Expr)
		}
	}
	for _, query := range queries {
		names := metricName.FindAllString(query, -1)
		if len(names) == 0 {
			t.Errorf("%s has no metric", query)
		}
		for _, name := range names {
			base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !known[name] && !known[base] {
				t.Errorf("%s: there is no metric %s", query, name)
			}
		}
	}
}

func TestEveryAlertOfTheHandbookIsARule(t *testing.T) {
	var documented, ruled []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .* \\| (.+) \\|$").FindAllStringSubmatch(handbook(t), -1) {
		if metricName.MatchString(row[1]) {
			documented = append(documented, row[1])
		}
	}
	sections := anchors(handbook(t))
	for _, g := range rulesOf(t).Groups {
		for _, r := range g.Rules {
			ruled = append(ruled, metricName.FindString(r.Expr))
			if _, anchor, _ := strings.Cut(r.Annotations.Runbook, "cmd/agenbridge/README.md#"); !slices.Contains(sections, anchor) {
				t.Errorf("%s: the handbook has no heading for %q", r.Alert, r.Annotations.Runbook)
			}
			if !strings.Contains(deployed(t, "alerts_test.yaml"), "alertname: "+r.Alert+"\n        exp_alerts:") {
				t.Errorf("%s is not tested", r.Alert)
			}
		}
	}
	slices.Sort(documented)
	slices.Sort(ruled)
	if len(documented) == 0 || !slices.Equal(documented, slices.Compact(ruled)) {
		t.Errorf("the handbook has alerts on\n%v\nand alerts.yaml on\n%v", documented, ruled)
	}
}

func TestSnippetsOfTheHandbookAreTheFiles(t *testing.T) {
	for _, name := range []string{"compose.yaml", "kubernetes.yaml"} {
		if !strings.Contains(handbook(t), "```yaml\n"+deployed(t, name)+"```\n") {
			t.Errorf("the handbook doesn't contain %s as it is", name)
		}
	}
	if !strings.Contains(deployed(t, "kubernetes.yaml"), "enableServiceLinks: false") {
		t.Error("Kubernetes would set variables about other services")
	}
}

func TestDeploymentsSetVariablesThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, v := range daemon.Variables() {
		known[v.Name], known[v.Name+"_FILE"] = true, v.Secret
	}
	for file, pattern := range map[string]string{
		"compose.yaml": `(?m)^      ([A-Z_]+):`, "kubernetes.yaml": `- name: ([A-Z]\w+)`, "agenbridge.service": `(?m)^Environment=(\w+)=`,
	} {
		set := found(t, pattern, deployed(t, file))
		for _, name := range set {
			if !known[name] {
				t.Errorf("%s sets %s, which is not a variable", file, name)
			}
		}
		for _, v := range daemon.Variables() {
			if v.Required && !strings.HasPrefix(v.Name, "ROUTE_") && !slices.Contains(set, v.Name+"_FILE") {
				t.Errorf("%s does not set %s_FILE", file, v.Name)
			}
		}
	}
}
