package slackapp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agenbridge/agenbridge/bridge"
)

func TestParseOptions(t *testing.T) {
	option := func(name, value string) bridge.Option { return bridge.Option{Name: name, Value: value} }
	for text, want := range map[string][]bridge.Option{
		"":                                  nil,
		"fix it":                            nil,
		"[WIP] fix it":                      nil,
		"[branch=main] fix it":              {option("branch", "main")},
		": [Branch=main, model=x]":          {option("Branch", "main"), option("model", "x")},
		"[branch=main model] fix":           {option("branch", "main"), option("model", "")},
		"[branch=] fix":                     {option("branch", "")},
		"[branch=a=b] fix":                  {option("branch", "a=b")},
		"[branch=main fix":                  nil,
		"[branch=main\nfix]":                nil,
		"fix [branch=main]":                 nil,
		"[branch=a&amp;b] x":                {option("branch", "a&b")},
		"[branch=v<http://1.io|1.io>-rc] x": {option("branch", "v1.io-rc")},
		"[branch=<http://1.io>] x":          {option("branch", "http://1.io")},
	} {
		if diff := cmp.Diff(want, parseOptions(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
