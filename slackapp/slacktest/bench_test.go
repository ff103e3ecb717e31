package slacktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slacktest"
)

// BenchmarkPost measures the server's own share of one message: a person sends it, and the app answers over HTTP.
func BenchmarkPost(b *testing.B) {
	st := slacktest.NewStarted(b, slacktest.Config{KeepRequests: 1000})
	ann := st.AddUser(slacktest.User{Name: "ann"})
	dev := st.AddChannel(slacktest.Channel{Name: "dev"})
	for i := 0; b.Loop(); i++ {
		ts := st.Say(ann.ID, dev.ID, fmt.Sprint("message ", i))
		body := strings.NewReader(form("channel", dev.ID, "thread_ts", ts, "text", "answer", "token", "xoxb-slacktest").Encode())
		resp, err := st.Client.Post(st.APIURL+"chat.postMessage", "application/x-www-form-urlencoded", body) //nolint:noctx // a benchmark
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}
