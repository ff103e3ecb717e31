package main

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// handbook returns the operator's handbook, the README beside this file.
func handbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows returns the rows of a document's tables of variables, such as
// | `NAME` | `default` | ..., as "NAME default".
func rows(text string) []string {
	var all []string
	row := regexp.MustCompile("(?m)^\\| *`([A-Z][A-Z0-9_<>]+)` *\\| *(.*?) *\\|")
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1]+" "+strings.Trim(m[2], "`"))
	}
	return all
}

// variableRows returns the row that each variable must have. A variable without a
// default has "required" or "empty" in its place.
func variableRows() []string {
	var all []string
	for _, v := range daemon.Variables() {
		value := v.Default
		switch {
		case v.Required:
			value = "required"
		case value == "":
			value = "empty"
		}
		all = append(all, v.Name+" "+value)
	}
	return all
}

// The handbook lists all variables, in the order of the code.
func TestHandbookListsEveryVariable(t *testing.T) {
	if diff := cmp.Diff(variableRows(), rows(handbook(t))); diff != "" {
		t.Errorf("the handbook's table (-code +handbook):\n%s", diff)
	}
}

// README.md lists the required variables and the most useful others.
func TestReadmeListsTheRequiredVariables(t *testing.T) {
	got, want := rows(documents(t)["README.md"]), variableRows()
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("README.md has %q, which is no variable with its default", row)
		}
	}
	for _, row := range want {
		if strings.HasSuffix(row, " required") && !strings.HasPrefix(row, "ROUTE_") && !slices.Contains(got, row) {
			t.Errorf("README.md lacks %q", row)
		}
	}
}

func TestHandbookListsEveryMetric(t *testing.T) {
	code, _ := source(t)
	got := found(t, "(?m)^\\| `agenbridge_(\\w+)` \\|", handbook(t))
	want := append(found(t, `(?:count|single|describe|delay)\("(\w+)",`, code), found(t, `Name: "agenbridge_(\w+)"`, code)...)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the table has\n%v\nand the code\n%v", got, want)
	}
	for document, text := range documents(t) {
		for _, name := range matches("`agenbridge_(\\w+)[`{]", text) {
			if !slices.Contains(want, name) {
				t.Errorf("%s: there is no metric agenbridge_%s", document, name)
			}
		}
	}
}

func TestHandbookSetsVariablesThatExist(t *testing.T) {
	var known []string
	for _, v := range daemon.Variables() {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.Name+"_FILE")
		}
	}
	text := handbook(t) + documents(t)["README.md"]
	set := append(found(t, `-e (\w+)=`, text), found(t, `- name: ([A-Z]\w+)`, text)...)
	for _, name := range set {
		if !slices.Contains(known, name) {
			t.Errorf("%s is set, but is not a variable", name)
		}
	}
}

// workload has the fields of the Kubernetes manifests that the test checks.
type workload struct {
	Kind string
	Spec struct {
		Replicas    int
		AccessModes []string `yaml:"accessModes"`
		Strategy    struct{ Type string }
		Template    struct {
			Spec struct {
				SecurityContext struct {
					RunAsNonRoot bool `yaml:"runAsNonRoot"`
					RunAsUser    int  `yaml:"runAsUser"`
					FSGroup      int  `yaml:"fsGroup"`
				} `yaml:"securityContext"`
				Containers []struct {
					LivenessProbe   probe `yaml:"livenessProbe"`
					ReadinessProbe  probe `yaml:"readinessProbe"`
					SecurityContext struct {
						ReadOnly bool `yaml:"readOnlyRootFilesystem"`
					} `yaml:"securityContext"`
				}
			}
		}
	}
}

type probe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

func TestHandbookRunsItOnKubernetesAsItMustRun(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(found(t, "(?s)```yaml\n(apiVersion.*?)```", handbook(t))[0]))
	kinds := map[string]workload{}
	for {
		var w workload
		if err := d.Decode(&w); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		kinds[w.Kind] = w
	}
	if got := kinds["PersistentVolumeClaim"].Spec.AccessModes; !slices.Equal(got, []string{"ReadWriteOncePod"}) {
		t.Errorf("access modes %v, want ReadWriteOncePod", got)
	}
	spec := kinds["Deployment"].Spec
	if spec.Replicas != 1 || spec.Strategy.Type != "Recreate" {
		t.Errorf("%d replicas and strategy %q, want 1 and Recreate", spec.Replicas, spec.Strategy.Type)
	}
	if s := spec.Template.Spec.SecurityContext; !s.RunAsNonRoot || s.RunAsUser != 65532 || s.FSGroup != 65532 {
		t.Errorf("the security context is %+v, want the image's user and group, not root", s)
	}
	if len(spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%d containers, want 1", len(spec.Template.Spec.Containers))
	}
	c := spec.Template.Spec.Containers[0]
	if got := c.LivenessProbe.HTTPGet.Path; got != "/healthz" {
		t.Errorf("liveness asks %s, want /healthz", got)
	}
	if got := c.ReadinessProbe.HTTPGet.Path; got != "/readyz" {
		t.Errorf("readiness asks %s, want /readyz", got)
	}
	if !c.SecurityContext.ReadOnly {
		t.Error("the root file system can be written")
	}
}
