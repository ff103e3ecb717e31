package main

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/agenbridge/agenbridge/slackapp"
)

// manifest has the keys that manifest.yaml may have
// (https://docs.slack.dev/reference/app-manifest). Slack refuses unknown keys, and
// so does the test.
type manifest struct {
	Display struct {
		Name            string `yaml:"name"`
		Description     string `yaml:"description"`
		BackgroundColor string `yaml:"background_color"`
		LongDescription string `yaml:"long_description"`
	} `yaml:"display_information"`
	Features struct {
		BotUser struct {
			DisplayName  string `yaml:"display_name"`
			AlwaysOnline bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		AppHome struct {
			HomeTab          bool `yaml:"home_tab_enabled"`
			MessagesTab      bool `yaml:"messages_tab_enabled"`
			MessagesReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot         []string `yaml:"bot"`
			BotOptional []string `yaml:"bot_optional"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		SocketMode    bool  `yaml:"socket_mode_enabled"`
		OrgDeploy     *bool `yaml:"org_deploy_enabled"`
		TokenRotation *bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	file, err := os.Open("../../manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d := yaml.NewDecoder(file)
	d.KnownFields(true)
	var m manifest
	if err := d.Decode(&m); err != nil {
		t.Fatalf("manifest.yaml: %v", err)
	}
	return m
}

func TestManifestHasTheScopesAndEventsOfTheCode(t *testing.T) {
	m := readManifest(t)
	var all, optional []string
	for _, s := range slackapp.NeededScopes() {
		all = append(all, s.Name)
		if s.Optional {
			optional = append(optional, s.Name)
		}
	}
	sorted := func(list []string) []string { return slices.Sorted(slices.Values(list)) }
	if diff := cmp.Diff(sorted(all), sorted(m.OAuth.Scopes.Bot)); diff != "" {
		t.Errorf("scopes (-code +manifest):\n%s", diff)
	}
	if diff := cmp.Diff(sorted(optional), sorted(m.OAuth.Scopes.BotOptional)); diff != "" {
		t.Errorf("optional scopes (-code +manifest):\n%s", diff)
	}
	if diff := cmp.Diff(sorted(slackapp.Events()), sorted(m.Settings.Events.Bot)); diff != "" {
		t.Errorf("events (-code +manifest):\n%s", diff)
	}
}

func TestManifestIsOneThatSlackTakes(t *testing.T) {
	m := readManifest(t)
	within := func(name, text string, least, most int) {
		t.Helper()
		if n := utf8.RuneCountInString(text); n < least || n > most {
			t.Errorf("%s has %d characters, want %d to %d", name, n, least, most)
		}
	}
	within("display_information.name", m.Display.Name, 1, 35)
	within("display_information.description", m.Display.Description, 1, 140)
	within("display_information.long_description", m.Display.LongDescription, 175, 4000)
	within("features.bot_user.display_name", m.Features.BotUser.DisplayName, 1, 80)
	if !regexp.MustCompile(`^#([0-9a-f]{3}){1,2}$`).MatchString(m.Display.BackgroundColor) {
		t.Errorf("background_color %q is no color", m.Display.BackgroundColor)
	}
	if !m.Settings.SocketMode || !m.Settings.Interactivity.Enabled {
		t.Error("Socket Mode and interactivity have to be on")
	}
	if m.Features.AppHome.MessagesReadOnly || !m.Features.AppHome.MessagesTab {
		t.Error("people have to be able to write to the app")
	}
	if m.Settings.TokenRotation == nil || *m.Settings.TokenRotation {
		t.Error("token rotation has to be off: the tokens come from the environment")
	}
	if m.Settings.OrgDeploy == nil || *m.Settings.OrgDeploy {
		t.Error("the app is for one workspace unless its admin decides otherwise")
	}
	if !strings.Contains(m.Display.LongDescription, "WHAT GOES TO AGEN") || !strings.Contains(m.Display.LongDescription, "WHAT IS KEPT") {
		t.Error("long_description has no data statement")
	}
}

var update = flag.Bool("update", false, "write the create-app links of the documents from manifest.yaml")

// createApp matches a link to Slack's page that creates an app from a manifest
// (https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests).
var createApp = regexp.MustCompile(`https://api\.slack\.com/apps\?new_app=1&manifest_yaml=(\S*)`)

// The link contains our manifest. Slack refuses very long URLs. Markdown and chat
// programs break links at some characters, so everything except unreserved
// characters is percent-encoded.
func TestCreateAppLinkHoldsTheManifest(t *testing.T) {
	text, err := os.ReadFile("../../manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, document := range []string{"README.md", "slackapp/README.md"} {
		link := createApp.FindStringSubmatch(readLink(t, document, text))
		if link == nil {
			t.Fatalf("%s has no link that creates the app", document)
		}
		if n := len(link[0]); n >= 6000 {
			t.Errorf("%s: the link has %d characters, want less than 6,000", document, n)
		}
		if !regexp.MustCompile(`^([A-Za-z0-9._~-]|%[0-9A-F]{2})+$`).MatchString(link[1]) {
			t.Errorf("%s: the manifest in the link isn't percent-encoded", document)
		}
		decoded, err := url.QueryUnescape(link[1])
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		var got any
		if err := yaml.Unmarshal([]byte(decoded), &got); err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: run this test with -update (-manifest +link):\n%s", document, diff)
		}
		if comment.MatchString(decoded) {
			t.Errorf("%s: the manifest in the link has comments", document)
		}
	}
}

// comment matches a line of manifest.yaml that is a comment.
var comment = regexp.MustCompile(`(?m)^ *#.*\n`)

// readLink returns the link in a document. If the test runs with -update, it first
// writes the link anew.
func readLink(t *testing.T, document string, manifest []byte) string {
	t.Helper()
	path := filepath.Join(repository, document)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		short := url.QueryEscape(string(comment.ReplaceAll(manifest, nil)))
		link := "https://api.slack.com/apps?new_app=1&manifest_yaml=" + strings.ReplaceAll(short, "+", "%20")
		text = createApp.ReplaceAllLiteral(text, []byte(link))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return string(text)
}
