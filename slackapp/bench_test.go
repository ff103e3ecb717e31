package slackapp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// BenchmarkDecodeAndCompose measures what slackapp does with a message from the socket to the prompt, without the network.
func BenchmarkDecodeAndCompose(b *testing.B) {
	for _, size := range []int{40, 400, 4000} {
		b.Run(fmt.Sprintf("%d_characters", size), func(b *testing.B) {
			text := strings.Repeat("fix the login test, please ", size/27+1)[:size]
			payload := wrap(`{` + said + `,"team":"T1","client_msg_id":"8a7c","text":"<@UBOT> ` + text + `","blocks":[{"type":"rich_text","block_id":"b","elements":[` +
				`{"type":"rich_text_section","elements":[{"type":"user","user_id":"UBOT"},{"type":"text","text":" ` + text + `"}]}` + `]}],"event_ts":"100.000001"}`)
			r := testReader(Gate{})
			dir := newDirectory(webapi.NewClient(webapi.Config{}))
			n := nameResolver{ctx: b.Context(), dir: dir, self: testSelf}
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				h := r.parseEvent(payload)
				if h.message == nil || h.message.Kind != bridge.KindMention {
					b.Fatal(describe(h))
				}
				body, err := decodeBody(*h.message)
				if err != nil {
					b.Fatal(err)
				}
				if got := body.markdown(n); got != text {
					b.Fatalf("composed %q", got)
				}
			}
		})
	}
}
