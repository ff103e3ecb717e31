package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
	"github.com/agenbridge/agenbridge/slackapp"
)

const repository = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source is all Go code of the repository, tests apart from the rest.
func source(t *testing.T) (code, tests string) {
	t.Helper()
	var parts [2]strings.Builder
	root := os.DirFS(repository)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		part := 0
		if strings.HasSuffix(path, "_test.go") {
			part = 1
		}
		parts[part].Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parts[0].String(), parts[1].String()
}

// found returns the first group of every match, sorted and each once; it fails
// the test when there is none, for then the pattern has lost its object.
func found(t *testing.T, pattern, text string) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("nothing matches %s", pattern)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestReadmeLinksResolve(t *testing.T) {
	text := readme(t)
	var anchors []string
	for _, heading := range found(t, `(?m)^#+ (.+)$`, text) {
		anchors = append(anchors, "#"+strings.ReplaceAll(strings.ToLower(heading), " ", "-"))
	}
	for _, target := range found(t, `\]\(([^)]+)\)`, text) {
		switch {
		case strings.HasPrefix(target, "https://"):
		case strings.HasPrefix(target, "#"):
			if !slices.Contains(anchors, target) {
				t.Errorf("there is no heading for %s", target)
			}
		default:
			if _, err := os.Stat(filepath.Join(repository, target)); err != nil {
				t.Errorf("link to nothing: %v", err)
			}
		}
	}
}

func TestReadmeNamesWhatExists(t *testing.T) {
	text := readme(t)
	code, tests := source(t)
	for _, folder := range found(t, `go run \./(cmd/\w+)`, text) {
		if _, err := os.Stat(filepath.Join(repository, folder, "main.go")); err != nil {
			t.Errorf("no such command: %v", err)
		}
	}
	for _, word := range found(t, "(?:`agenbridge|go run \\./cmd/agenbridge|/agenbridge) ([a-z]+)", text) {
		if !strings.Contains(code, `{name: "`+word+`", `) {
			t.Errorf("agenbridge has no command %s", word)
		}
	}
	for _, name := range found(t, "`((?:Test|Fuzz|Benchmark)\\w+)`", text) {
		if !strings.Contains(tests, "func "+name+"(") {
			t.Errorf("there is no test %s", name)
		}
	}
	for _, line := range found(t, "[Ll]og `([^`]+)`", text) {
		if !strings.Contains(code, `"`+line) {
			t.Errorf("nothing logs %q", line)
		}
	}
}

func TestReadmeListsEveryMetric(t *testing.T) {
	code, _ := source(t)
	got := found(t, "(?m)^\\| `agenbridge_(\\w+)` \\|", readme(t))
	want := append(found(t, `(?:count|single|describe)\("(\w+)",`, code), found(t, `Name: "agenbridge_(\w+)"`, code)...)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the table has\n%v\nand the code\n%v", got, want)
	}
	for _, name := range found(t, "`agenbridge_(\\w+)[`{]", readme(t)) {
		if !slices.Contains(want, name) {
			t.Errorf("there is no metric agenbridge_%s", name)
		}
	}
}

func TestReadmeHasEveryScopeOfTheManifest(t *testing.T) {
	manifest, err := os.ReadFile(filepath.Join(repository, "manifest.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	asked, _, ok := bytes.Cut(manifest, []byte("bot_optional:"))
	if !ok {
		t.Fatal("the manifest has no optional scopes")
	}
	var want []string
	for _, s := range slackapp.NeededScopes() {
		want = append(want, s.Name)
	}
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_.]+:[a-z]+)` \\|.*\\|$").FindAllStringSubmatch(readme(t), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
	slices.Sort(got)
	if inManifest := found(t, `(?m)^ +- ([a-z_.]+:[a-z]+)$`, string(asked)); !slices.Equal(got, inManifest) {
		t.Errorf("the table has %v, and the manifest %v", got, inManifest)
	}
}

// block returns the README's code blocks in a language.
func block(t *testing.T, language string) []string {
	t.Helper()
	return found(t, "(?s)```"+language+"\n(.*?)```", readme(t))
}

func TestReadmeSetsVariablesThatExist(t *testing.T) {
	var known []string
	for _, v := range daemon.Variables() {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.Name+"_FILE")
		}
	}
	docker := strings.Join(block(t, "sh"), "\n")
	set := append(found(t, `-e (\w+)=`, docker), found(t, `- name: ([A-Z]\w+)`, strings.Join(block(t, "yaml"), "\n"))...)
	for _, name := range set {
		if !slices.Contains(known, name) {
			t.Errorf("%s is set, and is not a variable", name)
		}
	}
}

// workload is what matters of the Deployment.
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

func TestReadmeRunsItOnKubernetesAsItMustRun(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(block(t, "yaml")[0]))
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
