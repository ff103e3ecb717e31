package socketmode

import (
	"context"
	"encoding/json"

	"github.com/agenbridge/agenbridge/slackapp/slackjson"
)

// frame is what Slack sends: hello, disconnect, or an envelope
// (https://docs.slack.dev/apis/events-api/using-socket-mode).
type frame struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	// Connections is how many connections our app has open, in a hello.
	Connections int `json:"num_connections"`
	// Reason says why Slack asks for another connection, in a disconnect.
	Reason disconnectReason `json:"reason"`
}

func readFrame(raw []byte) (frame, error) {
	var f frame
	err := slackjson.Unmarshal(raw, &f)
	return f, err
}

// ackFrame acknowledges an envelope (https://docs.slack.dev/apis/events-api/using-socket-mode#acknowledge).
func ackFrame(id string) ([]byte, error) {
	return json.Marshal(struct {
		ID string `json:"envelope_id"`
	}{id})
}

// disconnectReason is why Slack asks for another connection: "warning" some ten seconds before it closes one,
// "refresh_requested", "link_disabled" (https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect).
type disconnectReason string

// Error names the reason if it is known: another text may repeat what we sent.
func (r disconnectReason) Error() string {
	switch r {
	case "warning", "refresh_requested", "link_disabled", "too_many_websockets":
		return "slack asks for another connection: " + string(r)
	}
	return "slack asks for another connection"
}

// Envelope is what Slack sent in one frame.
type Envelope struct {
	// Type is "events_api", "interactive" or "slash_commands".
	Type    string
	Payload []byte
	// Ack acknowledges the envelope, so that Slack does not deliver it again. It never blocks.
	Ack func()
}

// Handler takes an envelope. It must not block, and it must not panic. Its context ends when Client.Run is to return.
type Handler func(ctx context.Context, e Envelope)
