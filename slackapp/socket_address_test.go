package slackapp

import "testing"

func TestSocketAddressMustBeSlacks(t *testing.T) {
	const slackCom, local = "https://slack.com/api/", "http://127.0.0.1:4000/api/"
	for _, tt := range []struct {
		address, api string
		want         bool
	}{
		{"wss://wss-primary.slack.com/link/?ticket=t", slackCom, true},
		{"wss://slack.com/link/", slackCom, true},
		{"wss://wss.slack-gov.com/link/", "https://slack-gov.com/api/", true},
		{"ws://127.0.0.1:4001/link/", local, true},
		{"ws://wss-primary.slack.com/link/", slackCom, false},
		{"wss://evil.test/link/", slackCom, false},
		{"wss://evilslack.com/link/", slackCom, false},
		{"wss://slack.com.evil.test/link/", slackCom, false},
		{"wss://slack.com@evil.test/link/", slackCom, false},
		{"https://slack.com/link/", slackCom, false},
		{"ws://10.0.0.1/link/", local, false},
		{"", slackCom, false},
		{"%", slackCom, false},
	} {
		if got := isSocketAddress(tt.address, tt.api); got != tt.want {
			t.Errorf("isSocketAddress(%q, %q) = %v, want %v", tt.address, tt.api, got, tt.want)
		}
	}
}
