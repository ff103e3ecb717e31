package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/agenbridge/agenbridge/agen/agentest"
	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// serveSlack serves a test Slack on a free port and returns the URL of its API. broken is called if the server fails.
func serveSlack(ctx context.Context, slack *slacktest.Server, broken func(error)) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for Slack: %w", err)
	}
	go func() {
		if err := slack.Serve(l); !errors.Is(err, slacktest.ErrClosed) {
			broken(err)
		}
	}()
	return "http://" + l.Addr().String() + "/api/", nil
}

// environment returns the environment variables that configure the bridge.
func environment(slack slacktest.Config, slackAPI, agenAddress, file string) []string {
	return []string{
		"SLACK_BOT_TOKEN=" + slack.BotToken, "SLACK_APP_TOKEN=" + slack.AppToken, "SLACK_API_URL=" + slackAPI,
		"AGEN_API_KEY=" + agentest.DefaultKey, "AGEN_API_URL=http://" + agenAddress,
		"STORE_URL=bolt:" + file, "ADMIN_ADDR=", "CONTACT=#help-agen",
	}
}
