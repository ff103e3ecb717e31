package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge/bridgetest"
)

// least returns the smallest valid configuration, extended by more.
func least(more map[string]string) map[string]string {
	m := map[string]string{"SLACK_BOT_TOKEN": markedBot, "SLACK_APP_TOKEN": markedApp, "AGEN_API_KEY": markedKey}
	maps.Copy(m, more)
	return m
}

// problemsOf parses the environment and returns its problems, one line each.
func problemsOf(t *testing.T, environ map[string]string) []string {
	t.Helper()
	cfg, err := Parse(environ)
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("Parse returned %T, want Problems", err)
	}
	if got := fmt.Sprintf("%v", cfg); got != fmt.Sprintf("%v", Config{}) {
		t.Errorf("Parse returned a configuration beside its problems: %s", got)
	}
	if strings.Contains(err.Error(), mark) {
		t.Errorf("a secret is in the problems:\n%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	for _, line := range lines {
		if strings.Count(line, ": ") != 1 {
			t.Errorf("a message has one colon, after the variable: %s", line)
		}
	}
	return lines
}

func TestDefaultsAreThoseOfTheDesign(t *testing.T) {
	cfg, err := Parse(least(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		SlackBotToken: markedBot, SlackAppToken: markedApp, AgenKey: markedKey,
		SlackAPIURL: "https://slack.com/api/", AgenAPIURL: "https://api.agenhq.com", StoreURL: "bolt:agenbridge.db",
		AdminAddr: "127.0.0.1:8321", LogLevel: "info", LogFormat: "json", SlackConnections: 2, Workers: 16,
		AllowDMs: true, AllowOptions: OptionNames{"branch", "model"}, AllowLink: "own",
		LimitPerUser: 30, LimitSessionsPerUser: 30, AgenRate: 5,
		Replies: "all", Mirror: true, Attribution: "always", ContextMessages: 50, ContextChars: 40_000,
		MaxAge: 72 * time.Hour, Backfill: 72 * time.Hour, AskAfter: time.Hour, WatchMax: 720 * time.Hour, Retention: 720 * time.Hour,
		ReactionQueued: "hourglass_flowing_sand", ReactionProcessing: "eyes", ReactionCompleted: "white_check_mark",
		ReactionCanceled: "black_square_for_stop", ReactionDelayed: "electric_plug", ReactionFailed: "warning",
		ReactionQuestion: "raising_hand", ReactionMerged: "twisted_rightwards_arrows",
	}
	want.files = cfg.files
	if diff := cmp.Diff(want, cfg, cmp.AllowUnexported(Config{})); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestValidValues(t *testing.T) {
	for _, c := range []struct {
		name, value string
		field       func(Config) any
		want        any
	}{
		{"SLACK_API_URL", "https://proxy.example.com/slack", func(c Config) any { return c.SlackAPIURL }, SlackURL("https://proxy.example.com/slack/")},
		{"SLACK_API_URL", "http://127.0.0.1:7101/api/", func(c Config) any { return c.SlackAPIURL }, SlackURL("http://127.0.0.1:7101/api/")},
		{"SLACK_API_URL", "http://[::1]:7101/api//", func(c Config) any { return c.SlackAPIURL }, SlackURL("http://[::1]:7101/api/")},
		{"AGEN_API_URL", "http://localhost:7102/", func(c Config) any { return c.AgenAPIURL }, AgenURL("http://localhost:7102")},
		{"AGEN_API_URL", "http://localhost:7102/api/v1/", func(c Config) any { return c.AgenAPIURL }, AgenURL("http://localhost:7102")},
		{"AGEN_API_URL", "https://proxy.example.com/agen/api/v1", func(c Config) any { return c.AgenAPIURL }, AgenURL("https://proxy.example.com/agen")},
		{"LOG_LEVEL", "INFO", func(c Config) any { return c.LogLevel }, "info"},
		{"REPLIES", "Mentions", func(c Config) any { return c.Replies }, "mentions"},
		{"CONTACT", `"#help-agen"`, func(c Config) any { return c.Contact }, "#help-agen"},
		{"MAX_AGE", "'90m'", func(c Config) any { return c.MaxAge }, 90 * time.Minute},
		{"SLACK_BOT_TOKEN", `"` + markedBot + `"`, func(c Config) any { return string(c.SlackBotToken) }, markedBot},
		{"ALLOW_CHANNELS", `"C0AAA,C0BBB"`, func(c Config) any { return c.AllowChannels }, Channels{"C0AAA", "C0BBB"}},
		{"ALLOW_DMS", "no", func(c Config) any { return c.AllowDMs }, false},
		{"ALLOW_GUESTS", "Yes", func(c Config) any { return c.AllowGuests }, true},
		{"ALLOW_EXTERNAL", "on", func(c Config) any { return c.AllowExternal }, true},
		{"AGEN_API_URL", "", func(c Config) any { return c.AgenAPIURL }, AgenURL("https://api.agenhq.com")},
		{"STORE_URL", "bolt:/data/a.db", func(c Config) any { return c.StoreURL }, StoreURL("bolt:/data/a.db")},
		{"PROBE_ADDR", ":8080", func(c Config) any { return c.ProbeAddr }, Address(":8080")},
		{"ADMIN_ADDR", "", func(c Config) any { return c.AdminAddr }, Address("")},
		{"ADMIN_ADDR", "[::1]:0", func(c Config) any { return c.AdminAddr }, Address("[::1]:0")},
		{"ALLOW_CHANNELS", " C0AAA, C0BBB\nG0CCC C0AAA,", func(c Config) any { return c.AllowChannels }, Channels{"C0AAA", "C0BBB", "G0CCC"}},
		{"ALLOW_USERS", "U0AAA,W0BBB,S0CCC", func(c Config) any { return c.AllowUsers }, People{"U0AAA", "W0BBB", "S0CCC"}},
		{"ALLOW_OPTIONS", "", func(c Config) any { return len(c.AllowOptions) }, 0},
		{"ALLOW_OPTIONS", "model", func(c Config) any { return c.AllowOptions }, OptionNames{"model"}},
		{"ALLOW_DMS", "", func(c Config) any { return c.AllowDMs }, true},
		{"ALLOW_DMS", "false", func(c Config) any { return c.AllowDMs }, false},
		{"AGEN_RATE", "300/m", func(c Config) any { return c.AgenRate }, Rate(5)},
		{"AGEN_RATE", "0.5/s", func(c Config) any { return c.AgenRate }, Rate(0.5)},
		{"AGEN_SESSION_URL", "https://app.example.com/s/{id}?x=1", func(c Config) any { return c.AgenSessionURL }, SessionLink("https://app.example.com/s/{id}?x=1")},
		{"CONTACT", " #help-agen ", func(c Config) any { return c.Contact }, "#help-agen"},
		{"CONTEXT_CHARS", "1000", func(c Config) any { return c.ContextChars }, 1000},
		{"CONTEXT_MESSAGES", "0", func(c Config) any { return c.ContextMessages }, 0},
		{"MAX_AGE", "90m", func(c Config) any { return c.MaxAge }, 90 * time.Minute},
		{"BACKFILL", "0s", func(c Config) any { return c.Backfill }, time.Duration(0)},
		{"REACTION_QUEUED", "", func(c Config) any { return c.ReactionQueued }, Emoji("")},
		{"REACTION_QUEUED", "wave::skin-tone-3", func(c Config) any { return c.ReactionQueued }, Emoji("wave::skin-tone-3")},
	} {
		cfg, err := Parse(least(map[string]string{c.name: c.value}))
		if err != nil {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
			continue
		}
		if diff := cmp.Diff(c.want, c.field(cfg)); diff != "" {
			t.Errorf("%s=%q (-want +got):\n%s", c.name, c.value, diff)
		}
	}
}

func TestEveryKindOfProblemIsNamed(t *testing.T) {
	for _, c := range []struct {
		environ map[string]string
		want    string
	}{
		{map[string]string{"SLACK_BOT_TOKEN": markedApp}, "SLACK_BOT_TOKEN: found an app-level token (xapp-), expected the bot token"},
		{map[string]string{"SLACK_BOT_TOKEN": "xoxp-" + mark}, "SLACK_BOT_TOKEN: found a user token (xoxp-), expected"},
		{map[string]string{"SLACK_BOT_TOKEN": "xoxe.xoxb-" + mark}, "SLACK_BOT_TOKEN: found a token that expires (token rotation must be off), expected"},
		{map[string]string{"SLACK_APP_TOKEN": mark}, "SLACK_APP_TOKEN: found a value that does not begin with xapp-, expected"},
		{map[string]string{"AGEN_API_KEY": markedBot}, "AGEN_API_KEY: found a bot token (xoxb-), expected"},
		{map[string]string{"AGEN_API_KEY": mark + " two"}, "AGEN_API_KEY: found a value that has spaces, line breaks or other characters no token has, expected"},
		{map[string]string{"SLACK_API_URL": "http://slack.com/api/"}, `SLACK_API_URL: found "http://slack.com/api/", expected https, because the token would be sent in clear text`},
		{map[string]string{"SLACK_API_URL": "slack.com"}, `SLACK_API_URL: found "slack.com", expected an https URL`},
		{map[string]string{"AGEN_API_URL": "https://me:" + mark + "@api.example.com"}, "AGEN_API_URL: found a URL with a user, a query or a fragment, expected"},
		{map[string]string{"AGEN_API_URL": "https://api.example.com/?key=" + "x"}, "AGEN_API_URL: found a URL with a user, a query or a fragment, expected"},
		{map[string]string{"AGEN_API_URL": "ftp://api.example.com"}, `AGEN_API_URL: found "ftp://api.example.com", expected an https URL`},
		{map[string]string{"STORE_URL": "postgres://u:" + mark + "@db/x"}, "STORE_URL: found a URL with a user or a password in it, expected bolt:"},
		{map[string]string{"STORE_URL": "/data/agenbridge.db"}, `STORE_URL: found "/data/agenbridge.db", expected bolt:`},
		{map[string]string{"PROBE_ADDR": "8080"}, `PROBE_ADDR: found "8080", expected host:port or :port`},
		{map[string]string{"PROBE_ADDR": ":http"}, `PROBE_ADDR: found ":http", expected host:port or :port`},
		{map[string]string{"ADMIN_ADDR": ":8321"}, `ADMIN_ADDR: found ":8321", which is not a loopback address, without ADMIN_TOKEN, expected`},
		{map[string]string{"ADMIN_ADDR": "10.0.0.1:8321"}, `ADMIN_ADDR: found "10.0.0.1:8321", which is not a loopback address, without ADMIN_TOKEN, expected`},
		{map[string]string{"PROBE_ADDR": "127.0.0.1:8321"}, "ADMIN_ADDR: found the same address as PROBE_ADDR, expected another port"},
		{map[string]string{"LOG_LEVEL": "verbose"}, `LOG_LEVEL: found "verbose", expected debug or info or warn or error`},
		{map[string]string{"SLACK_CONNECTIONS": "11"}, `SLACK_CONNECTIONS: found "11", expected a number from 1 to 10`},
		{map[string]string{"SLACK_CONNECTIONS": "two"}, `SLACK_CONNECTIONS: found "two", expected a number from 1 to 10`},
		{map[string]string{"WORKERS": "0"}, `WORKERS: found "0", expected a number from 1 to 256`},
		{map[string]string{"WORKERS": "99999999999999999999"}, `WORKERS: found "99999999999999999999", expected`},
		{map[string]string{"ALLOW_CHANNELS": "C0AAA,#general"}, `ALLOW_CHANNELS: found "#general", expected only ids of channels`},
		{map[string]string{"ALLOW_USERS": "@ann"}, `ALLOW_USERS: found "@ann", expected only ids of people`},
		{map[string]string{"ALLOW_SHARED_CHANNELS": "U0AAA"}, `ALLOW_SHARED_CHANNELS: found "U0AAA", expected only ids of channels`},
		{map[string]string{"ALLOW_DMS": "maybe"}, `ALLOW_DMS: found "maybe", expected true or false`},
		{map[string]string{"ALLOW_OPTIONS": "branch,colour"}, `ALLOW_OPTIONS: found "colour", expected none, one or both of branch and model`},
		{map[string]string{"ALLOW_LINK": "none"}, `ALLOW_LINK: found "none", expected own or any`},
		{map[string]string{"LIMIT_PER_USER": "-1"}, `LIMIT_PER_USER: found "-1", expected a number; 0 for no limit`},
		{map[string]string{"CONTACT": "a\nb"}, "CONTACT: found text with line breaks or other control characters, expected one line"},
		{map[string]string{"CONTACT": strings.Repeat("é", 201)}, `CONTACT: found "` + strings.Repeat("é", 60) + `…", expected one line`},
		{map[string]string{"AGEN_MODEL": markedBot}, ""},
		{map[string]string{"AGEN_SESSION_URL": "https://app.example.com/"}, `AGEN_SESSION_URL: found "https://app.example.com/", expected a URL with {id}`},
		{map[string]string{"AGEN_SESSION_URL": "https://app.example.com/{id}|x"}, "AGEN_SESSION_URL: found a URL with characters that Slack's links can't have"},
		{map[string]string{"AGEN_RATE": "5"}, `AGEN_RATE: found "5", expected reads in a second or a minute`},
		{map[string]string{"AGEN_RATE": "NaN/s"}, `AGEN_RATE: found "NaN/s", expected`},
		{map[string]string{"AGEN_RATE": "0/s"}, `AGEN_RATE: found "0/s", expected`},
		{map[string]string{"REPLIES": "some"}, `REPLIES: found "some", expected all or started or mentions`},
		{map[string]string{"CONTEXT_CHARS": "0"}, `CONTEXT_CHARS: found "0", expected a number from 1 to 1000000`},
		{map[string]string{"CONTEXT_MESSAGES": "-1"}, `CONTEXT_MESSAGES: found "-1", expected a number from 0 to 1000`},
		{map[string]string{"MAX_AGE": "3 days"}, `MAX_AGE: found "3 days", expected a duration from 1m to 720h`},
		{map[string]string{"MAX_AGE": "1s"}, `MAX_AGE: found "1s", expected a duration from 1m to 720h`},
		{map[string]string{"RETENTION": "100h"}, "RETENTION: found 100h, expected at least BACKFILL + MAX_AGE + 24h, which is 168h, because a message that is forgotten earlier could be sent twice"},
		{map[string]string{"REACTION_QUEUED": ":eyes:"}, `REACTION_QUEUED: found ":eyes:", expected eyes, the name without colons`},
		{map[string]string{"REACTION_QUEUED": "+1"}, `REACTION_QUEUED: found "+1", which is an alias, expected thumbsup`},
		{map[string]string{"REACTION_QUEUED": "+1::skin-tone-2"}, `REACTION_QUEUED: found "+1::skin-tone-2", which is an alias, expected thumbsup::skin-tone-2`},
		{map[string]string{"REACTION_QUEUED": "👀"}, `REACTION_QUEUED: found "👀", expected the name of an emoji without colons`},
		{map[string]string{"ROUTE_WEB_CHANNELS": "C0AAA"}, "ROUTE_WEB_AGEN_API_KEY: found nothing, expected an Agen API key"},
		{map[string]string{"ROUTE_WEB_AGEN_API_KEY": mark}, "ROUTE_WEB_CHANNELS: found nothing, expected channel ids"},
		{map[string]string{"ROUTE_WEB_CHANELS": "C0AAA"}, "ROUTE_WEB_CHANELS: found an unknown variable, expected ROUTE_WEB_CHANNELS"},
		{map[string]string{"ROUTE_WEB_COLOR": "red"}, "ROUTE_WEB_COLOR: found an unknown variable, expected ROUTE_<NAME>_ and one of CHANNELS, AGEN_API_KEY"},
		{map[string]string{"ROUTE_WEB_AGEN_APIKEY_FILE": "/x"}, "ROUTE_WEB_AGEN_APIKEY_FILE: found an unknown variable, expected ROUTE_WEB_AGEN_API_KEY_FILE"},
		{map[string]string{"ROUTES_WEB_CHANNELS": "C0AAA"}, "ROUTES_WEB_CHANNELS: found an unknown variable, expected ROUTE_WEB_CHANNELS"},
		{map[string]string{"route_web_channels": "C0AAA"}, "route_web_channels: found an unknown variable, expected ROUTE_WEB_CHANNELS"},
		{map[string]string{"ALLOW_CHANNEL": "C0AAA"}, "ALLOW_CHANNEL: found an unknown variable, expected ALLOW_CHANNELS"},
		{map[string]string{"allow_channels": "C0AAA"}, "allow_channels: found an unknown variable, expected ALLOW_CHANNELS"},
		{map[string]string{"ALOW_CHANNELS": "C0AAA"}, "ALOW_CHANNELS: found an unknown variable, expected ALLOW_CHANNELS"},
		{map[string]string{"ALLOWED_CHANNELS": "C0AAA"}, "ALLOWED_CHANNELS: found an unknown variable, expected ALLOW_CHANNELS"},
		{map[string]string{"ALLOW_PEOPLE": "U0AAA"}, "ALLOW_PEOPLE: found an unknown variable, expected one of ALLOW_CHANNELS, ALLOW_DMS, "},
		{map[string]string{"LIMIT_PER_USERS": "3"}, "LIMIT_PER_USERS: found an unknown variable, expected LIMIT_PER_USER"},
		{map[string]string{"LIMIT_SESSIONS": "3"}, "LIMIT_SESSIONS: found an unknown variable, expected one of LIMIT_PER_USER, LIMIT_SESSIONS_PER_USER"},
		{map[string]string{"AGEN_API_KEY": "", "AGEN_API_KEYS": "k"}, "AGEN_API_KEY: found only the unknown variable AGEN_API_KEYS, expected an Agen API key"},
		{map[string]string{"AGEN_API_KEY": "", "AGEN_APIKEY_FILE": "/x"}, "AGEN_API_KEY: found only the unknown variable AGEN_APIKEY_FILE, expected an Agen API key"},
		{map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_BOT_TOKN": markedBot}, "SLACK_BOT_TOKEN: found only the unknown variable SLACK_BOT_TOKN, expected the bot token"},
		{map[string]string{"ROUTE_WEB_CHANEL": "C0AAA", "ROUTE_WEB_AGEN_API_KEY": "k"}, "ROUTE_WEB_CHANNELS: found only the unknown variable ROUTE_WEB_CHANEL, expected channel ids"},
		{map[string]string{"SLACK_BOT_TOKEN": `"` + markedBot}, "SLACK_BOT_TOKEN: found a value with a quotation mark, expected the bot token"},
		{map[string]string{"ALLOW_CHANNELS": `"C0AAA","C0BBB"`}, `ALLOW_CHANNELS: found "\"C0AAA\"", expected only ids of channels`},
		{map[string]string{"ROUTE_web_CHANNELS": "C0AAA"}, `ROUTE_web_CHANNELS: found a route named "web", expected a name of capital letters`},
	} {
		got := problemsOf(t, least(c.environ))
		switch {
		case c.want == "" && len(got) != 0:
			t.Errorf("%v: got %q, want no problem", c.environ, got)
		case c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)):
			t.Errorf("%v:\n got %q\nwant one line that begins with %q", c.environ, got, c.want)
		}
	}
}

func TestAllProblemsComeAtOnceInTheTablesOrder(t *testing.T) {
	got := problemsOf(t, map[string]string{
		"RETENTION": "x", "SLACK_APP_TOKEN": markedBot, "ALLOW_DMS": "maybe", "REACTION_MERGED": "a b", "WORKERS": "-3",
		"ROUTE_A_CHANNELS": "C0AAA", "ROUTE_A_AGEN_API_KEY": "k", "ROUTE_B_CHANNELS": "C0AAA", "ROUTE_B_AGEN_API_KEY": "k",
		"ADMIN_ADDR": "0.0.0.0:1", "AGEN_API_KEY_FILE": "/does/not/exist",
	})
	var names []string
	for _, line := range got {
		name, _, _ := strings.Cut(line, ":")
		names = append(names, name)
	}
	want := []string{
		"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "AGEN_API_KEY_FILE", "ADMIN_ADDR", "WORKERS", "ALLOW_DMS", "RETENTION",
		"REACTION_MERGED", "ROUTE_B_CHANNELS",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%s", diff, strings.Join(got, "\n"))
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, text := range map[string]string{
		"quoted": `"` + markedBot + `"`, "named": "SLACK_BOT_TOKEN=" + markedBot + "\n", "exported": "export SLACK_BOT_TOKEN='" + markedBot + "'\n",
	} {
		m := least(map[string]string{"SLACK_BOT_TOKEN_FILE": write(name, text)})
		delete(m, "SLACK_BOT_TOKEN")
		cfg, err := Parse(m)
		if err != nil || cfg.SlackBotToken != markedBot {
			t.Errorf("a file with a %s token: got an error (%v) or another token", name, err)
		}
		if again, ok := cfg.fileSecret("SLACK_BOT_TOKEN"); !ok || again != markedBot {
			t.Errorf("a file with a %s token, read again: got another token", name)
		}
	}
	good := write("good", "\n "+markedBot+" \n")
	empty, wrong := write("empty", " \n"), write("wrong", markedApp)
	from := func(more map[string]string) map[string]string {
		m := least(more)
		delete(m, "SLACK_BOT_TOKEN")
		return m
	}
	cfg, err := Parse(from(map[string]string{"SLACK_BOT_TOKEN_FILE": good}))
	if err != nil || cfg.SlackBotToken != markedBot {
		t.Errorf("got an error (%v) or another token", err)
	}
	if _, ok := cfg.fileSecret("AGEN_API_KEY"); ok {
		t.Error("a secret that came from the environment has a file")
	}
	for _, c := range []struct {
		environ map[string]string
		want    string
	}{
		{from(map[string]string{"SLACK_BOT_TOKEN_FILE": empty}), "SLACK_BOT_TOKEN: found an empty file in SLACK_BOT_TOKEN_FILE, expected"},
		{from(map[string]string{"SLACK_BOT_TOKEN_FILE": wrong}), "SLACK_BOT_TOKEN: found an app-level token (xapp-), expected"},
		{from(map[string]string{"SLACK_BOT_TOKEN_FILE": dir}), "SLACK_BOT_TOKEN_FILE: found " + quote(dir) + ", which can't be read (is a directory), expected the path of a file that holds the bot token"},
		{from(map[string]string{"SLACK_BOT_TOKEN_FILE": dir + "/none"}), "SLACK_BOT_TOKEN_FILE: found " + quote(dir+"/none") + ", which can't be read (no such file or directory), expected"},
		{least(map[string]string{"SLACK_BOT_TOKEN_FILE": good}), "SLACK_BOT_TOKEN: found a value, and a file in SLACK_BOT_TOKEN_FILE, expected only one of the two"},
		{least(map[string]string{"ROUTE_A_CHANNELS": "C0AAA", "ROUTE_A_AGEN_API_KEY_FILE": empty}), "ROUTE_A_AGEN_API_KEY: found an empty file in ROUTE_A_AGEN_API_KEY_FILE, expected"},
	} {
		if got := problemsOf(t, c.environ); len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("got %q\nwant one line that begins with %q", got, c.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	cfg, err := Parse(least(map[string]string{
		"ROUTE_WEB_CHANNELS": "C0AAA", "ROUTE_WEB_AGEN_API_KEY": "k1", "ROUTE_WEB_AGEN_BRANCH": "next",
		"ROUTE_APP_2_CHANNELS": "C0BBB", "ROUTE_APP_2_AGEN_API_KEY": "k2", "ROUTE_APP_2_AGEN_AUTO_COMMIT": "true",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Route{
		"WEB":   {Channels: Channels{"C0AAA"}, AgenKey: "k1", AgenBranch: "next"},
		"APP_2": {Channels: Channels{"C0BBB"}, AgenKey: "k2", AgenAutoCommit: true},
	}
	if diff := cmp.Diff(want, cfg.Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestMisspelledVariablesGetASuggestion(t *testing.T) {
	cfg, err := Parse(least(map[string]string{
		"REACTION_QUEUD": "eyes", "MAXAGE": "1h", "SLACK_BOT_TOKEN_FIL": "x", "REACTION_SHRUG": "shrug", "CONTACTS": "x", "STORAGE_URL": "x",
		"PATH": "/bin", "HOME": "/root", "REPLICAS": "1", "LOG_DIR": "/", "WORK": "1",
		// A variable that Kubernetes sets for a service is not a misspelled one,
		// whatever its name.
		"SLACK_PORT": "1", "AGENBRIDGE_SERVICE_HOST": "10.0.0.1", "ROUTE_SERVICE_HOST": "10.0.0.1", "ROUTE_SERVICE_PORT_HTTP": "80",
		"ROUTE_PORT": "tcp://10.0.0.1:80", "ALLOW_PORT_80_TCP_ADDR": "10.0.0.1", "ALLOW_PORT_80_TCP": "tcp://10.0.0.1:80", "LIMIT_SERVICE_PORT": "80",
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range cfg.Suggestions {
		got[s.Name] = s.Meant
	}
	if len(got["REACTION_SHRUG"]) == 0 {
		t.Error("no suggestion for REACTION_SHRUG")
	}
	delete(got, "REACTION_SHRUG")
	want := map[string]string{
		"REACTION_QUEUD": "REACTION_QUEUED", "MAXAGE": "MAX_AGE", "CONTACTS": "CONTACT", "SLACK_BOT_TOKEN_FIL": "SLACK_BOT_TOKEN_FILE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("suggestions (-want +got):\n%s", diff)
	}
}

func TestAConfigShowsNoSecret(t *testing.T) {
	cfg, err := Parse(least(map[string]string{
		"ADMIN_TOKEN": mark, "ROUTE_A_CHANNELS": "C0AAA", "ROUTE_A_AGEN_API_KEY": mark,
	}))
	if err != nil {
		t.Fatal(err)
	}
	var log bridgetest.LogBuffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("cfg", cfg))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("cfg", cfg))
	all := fmt.Sprintf("%v %+v %#v %v", cfg, cfg, cfg, &cfg) + log.String()
	if strings.Contains(all, mark) || strings.Contains(all, fmt.Sprintf("%x", mark)) {
		t.Errorf("a secret shows: %s", all)
	}
}

// Parse reads a bound in the tags only when it checks a value. This test reads all
// of them.
func TestTagsAreComplete(t *testing.T) {
	for _, f := range slices.Concat(fieldsOf(&Config{}), fieldsOf(&Route{})) {
		if f.want == "" || f.doc == "" {
			t.Errorf("%s: no want or no doc", f.name)
		}
	}
	if _, err := Parse(least(nil)); err != nil {
		t.Error(err)
	}
	seen := map[string]bool{}
	for _, v := range Variables() {
		if seen[v.Name] {
			t.Errorf("%s is there twice", v.Name)
		}
		seen[v.Name] = true
	}
}

func TestEnviron(t *testing.T) {
	got := Environ([]string{"A=1", "B=x=y", "A=2", "C", "=D=3"})
	want := map[string]string{"A": "2", "B": "x=y", "": "D=3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
