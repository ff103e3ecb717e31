package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/agenbridge/agenbridge/slackapp"
)

// manifest is what manifest.yaml may hold
// (https://docs.slack.dev/reference/app-manifest). Slack refuses keys that it
// doesn't know, and so does the test.
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
