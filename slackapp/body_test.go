package slackapp

import (
	"encoding/json"
	"testing"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// TestDigestCoversWhatIsShown: two tellings of a message have the same digest if and only if a person sees the same.
func TestDigestCoversWhatIsShown(t *testing.T) {
	const plain = `"text":"see <https://example.com>"`
	digest := func(fields string) uint64 {
		var msg slackMessage
		if err := slackjson.Unmarshal([]byte(`{`+fields+`}`), &msg); err != nil {
			t.Fatal(err)
		}
		b := newMessageBody(msg, eventContext{channel: "C1"})
		var stored messageBody
		if err := json.Unmarshal(b.encode(), &stored); err != nil || stored.digest() != b.digest() {
			t.Errorf("%s: stored and read back, the digest is another one; %v", fields, err)
		}
		return b.digest()
	}
	for name, same := range map[string]string{
		"a link preview":                plain + `,"attachments":[{"from_url":"https://example.com","title":"Example"}]`,
		"the blocks of the text":        plain + `,"blocks":[{"type":"rich_text","block_id":"x","elements":[{"type":"rich_text_section","elements":[{"type":"link","url":"https://example.com"}]}]}]`,
		"a divider, which says nothing": plain + `,"blocks":[{"type":"divider"}]`,
	} {
		if digest(same) != digest(plain) {
			t.Errorf("%s changes the digest", name)
		}
	}
	seen := map[uint64]string{digest(plain): plain}
	for _, other := range []string{
		plain + `,"files":[{"id":"F1"}]`,
		plain + `,"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"trace"}}]`,
		plain + `,"attachments":[{"text":"an alert"}]`,
		plain + `,"attachments":[{"is_share":true,"text":"trace"}]`,
		`"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]}]}]`,
	} {
		d := digest(other)
		if seen[d] != "" {
			t.Errorf("%s has the digest of %s", other, seen[d])
		}
		seen[d] = other
	}
}
