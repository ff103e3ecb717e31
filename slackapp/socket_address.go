package slackapp

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// socketAddress asks Slack for the address of a Socket Mode connection. A refusal is a Fault in the error.
func socketAddress(ctx context.Context, cfg Config, client *webapi.Client) (string, error) {
	api := slack.New("", slack.OptionAppLevelToken(cfg.AppToken()), slack.OptionHTTPClient(client), slack.OptionAPIURL(cfg.APIURL))
	_, address, err := api.StartSocketModeContext(webapi.WithCall(ctx, webapi.Call{Method: webapi.MethodOpen}))
	if err == nil && !isSocketAddress(address, cfg.APIURL) {
		return "", errForeignAddress
	}
	return address, err
}

var errForeignAddress = errors.New("slack named a socket address outside of its own domain")

// isSocketAddress reports whether a socket address is one of Slack's: encrypted, and under slack.com or under the host of
// the Web API. Only where the Web API itself is not encrypted, as in tests, the socket needn't be either.
func isSocketAddress(address, apiURL string) bool {
	socket, err := url.Parse(address)
	if err != nil {
		return false
	}
	api, err := url.Parse(apiURL)
	if err != nil || socket.Scheme != "wss" && (socket.Scheme != "ws" || api.Scheme != "http") {
		return false
	}
	host := socket.Hostname()
	return isUnder(host, "slack.com") || isUnder(host, api.Hostname())
}

func isUnder(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
