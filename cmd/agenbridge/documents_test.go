package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/cmd/agenbridge/daemon"
)

// repository is the root of the checkout.
const repository = "../.."

// documents returns the text of each Markdown document by its path in the
// repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	walk(t, ".md", func(file, text string) { texts[file] = text })
	for _, want := range []string{"README.md", "CONTRIBUTING.md", "slackapp/README.md", "bridge/README.md"} {
		if texts[want] == "" {
			t.Fatalf("%s is not among the documents", want)
		}
	}
	return texts
}

// source returns all Go code of the repository, with the tests separate.
func source(t *testing.T) (code, tests string) {
	t.Helper()
	var parts [2]strings.Builder
	walk(t, ".go", func(file, text string) {
		part := 0
		if strings.HasSuffix(file, "_test.go") {
			part = 1
		}
		parts[part].WriteString(text)
	})
	return parts[0].String(), parts[1].String()
}

// walk calls visit for every file of the repository that has the extension.
// Test data is left out.
func walk(t *testing.T, extension string, visit func(file, text string)) {
	t.Helper()
	root := os.DirFS(repository)
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) != extension:
			return nil
		}
		text, err := fs.ReadFile(root, file)
		visit(file, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// matches returns the first group of every match, sorted and without duplicates.
func matches(pattern, text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// found is matches, but fails the test if there are none, because the pattern is
// out of date then.
func found(t *testing.T, pattern, text string) []string {
	t.Helper()
	all := matches(pattern, text)
	if len(all) == 0 {
		t.Fatalf("nothing matches %s", pattern)
	}
	return all
}

// anchors returns the fragments that GitHub gives to a document's headings.
func anchors(text string) []string {
	var all []string
	for _, heading := range matches(`(?m)^#+ (.+)$`, text) {
		heading = regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(heading), "")
		all = append(all, strings.ReplaceAll(heading, " ", "-"))
	}
	return all
}

func TestLinksInDocumentsResolve(t *testing.T) {
	texts := documents(t)
	for document, text := range texts {
		targets := append(matches(`\]\(([^)]+)\)`, text), matches(`(?m)^\[[^\]]+\]: (\S+)$`, text)...)
		for _, target := range targets {
			if strings.HasPrefix(target, "https://") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			where := document
			if file != "" {
				where = path.Join(path.Dir(document), file)
			}
			if _, err := fs.Stat(os.DirFS(repository), where); err != nil {
				t.Errorf("%s has a broken link: %v", document, err)
			}
			if anchor != "" && !slices.Contains(anchors(texts[where]), anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", document, target, where)
			}
		}
		for _, label := range matches(`\]\[([^\]]+)\]`, text) {
			if !strings.Contains(text, "\n["+label+"]: ") {
				t.Errorf("%s has no definition of the link [%s]", document, label)
			}
		}
	}
}

func TestDocumentsNameOnlyWhatExists(t *testing.T) {
	code, tests := source(t)
	variables := map[string]bool{"HTTPS_PROXY": true, "NAME_FILE": true}
	for _, v := range daemon.Variables() {
		variables[v.Name] = true
		variables[v.Name+"_FILE"] = v.Secret
	}
	for document, text := range documents(t) {
		for _, folder := range matches(`go run \./(cmd/\w+)`, text) {
			if _, err := fs.Stat(os.DirFS(repository), folder+"/main.go"); err != nil {
				t.Errorf("%s runs a command that doesn't exist: %v", document, err)
			}
		}
		for _, word := range matches("(?:`agenbridge|go run \\./cmd/agenbridge|/agenbridge) ([a-z]+)", text) {
			if !strings.Contains(code, `{name: "`+word+`", `) {
				t.Errorf("%s: agenbridge has no command %s", document, word)
			}
		}
		for _, name := range matches("`((?:Test|Fuzz|Benchmark)\\w+)`", text) {
			if !strings.Contains(tests, "func "+name+"(") {
				t.Errorf("%s: there is no test %s", document, name)
			}
		}
		for _, line := range matches("[Ll]og `([^`]+)`", text) {
			if !strings.Contains(code, `"`+line) {
				t.Errorf("%s: nothing logs %q", document, line)
			}
		}
		for _, event := range matches("`audit` with `([^`]+)`", text) {
			if !strings.Contains(code, `"`+event+`"`) {
				t.Errorf("%s: there is no audit event %q", document, event)
			}
		}
		for _, name := range matches("`([A-Z]+(?:_[A-Z]+)+)`", text) {
			if !variables[name] {
				t.Errorf("%s: there is no variable %s", document, name)
			}
		}
	}
}

// A command in a document that runs tests has to match some: go test also succeeds
// if no test has the name.
func TestDocumentsRunTestsThatExist(t *testing.T) {
	command := regexp.MustCompile("go test [^\n`|]*")
	argument := regexp.MustCompile(`-(run|bench|fuzz) '?\^?(\w+)`)
	kinds := map[string]string{"run": "Test", "bench": "Benchmark", "fuzz": "Fuzz"}
	_, everywhere := source(t)
	for document, text := range documents(t) {
		for _, line := range command.FindAllString(text, -1) {
			tests := everywhere
			if folder := regexp.MustCompile(`(?:\./)([\w/]+)`).FindStringSubmatch(line); folder != nil {
				tests = testsIn(t, folder[1])
			}
			for _, m := range argument.FindAllStringSubmatch(line, -1) {
				name := strings.TrimPrefix(m[2], kinds[m[1]])
				if !regexp.MustCompile(`func ` + kinds[m[1]] + `\w*` + name + `\w*\(`).MatchString(tests) {
					t.Errorf("%s: %q finds no test", document, line)
				}
			}
		}
	}
}

// testsIn returns the test code in one folder.
func testsIn(t *testing.T, folder string) string {
	t.Helper()
	files, err := fs.Glob(os.DirFS(repository), folder+"/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := fs.ReadFile(os.DirFS(repository), file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
