package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// instructions returns the instructions of the whole Dockerfile and those of its
// last stage, one per line, with continued lines joined.
func instructions(t *testing.T) (all, last []string) {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(text), "\\\n", " ")
	for line := range strings.Lines(joined) {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "FROM ") {
			last = nil
		}
		all, last = append(all, line), append(last, line)
	}
	return all, last
}

func TestDockerfileKeepsItsPromises(t *testing.T) {
	_, last := instructions(t)
	for _, want := range []string{
		"FROM scratch", "USER 65532:65532", `VOLUME ["/data"]`, `ENTRYPOINT ["/agenbridge"]`,
		"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
		"COPY --from=build --chown=65532:65532 /out/data /data", "COPY LICENSE /LICENSE",
	} {
		if !slices.Contains(last, want) {
			t.Errorf("the image lacks: %s", want)
		}
	}
	find := func(start string) string {
		i := slices.IndexFunc(last, func(line string) bool { return strings.HasPrefix(line, start) })
		if i < 0 {
			t.Errorf("the image lacks %s", start)
			return ""
		}
		return last[i]
	}
	if got := find("HEALTHCHECK"); !strings.HasSuffix(got, `CMD ["/agenbridge", "health"]`) {
		t.Errorf("the health check is %s", got)
	}
	labels := find("LABEL")
	for _, want := range []string{"title", "description", "licenses", "source", "version", "revision"} {
		if !strings.Contains(labels, "org.opencontainers.image."+want+"=") {
			t.Errorf("no label %s in %s", want, labels)
		}
	}
	if slices.ContainsFunc(last, func(line string) bool { return strings.HasPrefix(line, "RUN") }) {
		t.Error("an image from scratch can run nothing")
	}
}

// The variables that the image sets are a valid configuration, with which the
// health command finds the daemon.
func TestDockerfileSetsVariablesThatExist(t *testing.T) {
	_, last := instructions(t)
	environ := map[string]string{"SLACK_BOT_TOKEN": markedBot, "SLACK_APP_TOKEN": markedApp, "AGEN_API_KEY": markedKey}
	for _, line := range last {
		rest, ok := strings.CutPrefix(line, "ENV ")
		if !ok {
			continue
		}
		for _, pair := range strings.Fields(rest) {
			name, value, _ := strings.Cut(pair, "=")
			environ[name] = value
			if !slices.ContainsFunc(daemon.Variables(), func(v daemon.Variable) bool { return v.Name == name }) {
				t.Errorf("%s is no variable of agenbridge", name)
			}
		}
	}
	cfg, err := daemon.Parse(environ)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(cfg.StoreURL), "bolt:/data/agenbridge.db"; got != want {
		t.Errorf("STORE_URL is %s, want %s", got, want)
	}
	if got, ok := localURL(environ["PROBE_ADDR"], "/healthz"); !ok || got != "http://127.0.0.1:8080/healthz" {
		t.Errorf("health asks %q", got)
	}
}

// The tests and the release build the binary without Docker, but with the flags of
// the Dockerfile.
func TestDockerfileBuildsWhatTheTestsBuild(t *testing.T) {
	all, _ := instructions(t)
	i := slices.IndexFunc(all, func(line string) bool { return strings.Contains(line, "go build") })
	if i < 0 {
		t.Fatal("nothing is built")
	}
	build := all[i]
	if !strings.Contains(build, "CGO_ENABLED=0") {
		t.Errorf("the binary isn't static: %s", build)
	}
	flags := regexp.MustCompile(`-ldflags "[^"]*"|-[a-z]+(=\S+)?`).FindAllString(build[strings.Index(build, "go build")+len("go build"):], -1)
	want := []string{"-trimpath", "-buildvcs=false", `-ldflags "-s -w -X main.version=${VERSION}"`, "-o"}
	if !slices.Equal(flags[:min(len(flags), len(want))], want) {
		t.Errorf("it is built with %q, want %q", flags, want)
	}
	test, err := os.ReadFile("binary_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(test), `"-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v0-built"`) {
		t.Error("binary_test.go builds with other flags")
	}
	release, err := os.ReadFile("../../.ci/release")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(release), `go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version"`) {
		t.Error(".ci/release builds with other flags")
	}
}

// .dockerignore has to include everything that the build needs. It excludes
// agendemo and the packages whose names end in "test". copySources excludes the
// same, so TestTheSameSourcesMakeTheSameBinary fails if a build needs them.
func TestDockerignoreLetsTheBuildIn(t *testing.T) {
	text, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, pattern := range []string{"*", "!go.mod", "!go.sum", "!LICENSE", "**/*test", "cmd/agendemo"} {
		if !slices.Contains(lines, pattern) {
			t.Errorf(".dockerignore lacks %s", pattern)
		}
	}
	folders, err := filepath.Glob("../../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range folders {
		if folder := "!" + filepath.Base(filepath.Dir(file)); !slices.Contains(lines, folder) {
			t.Errorf(".dockerignore lacks %s", folder)
		}
	}
}
