package socketmode

import (
	"log/slog"
	"testing"
)

// counter is an Observer that counts, for one goroutine.
type counter struct{ events, acks map[string]int }

func (c *counter) SocketsUp(int) {}

func (c *counter) OtherConnections(int) {}

func (c *counter) SocketEvent(event string) {
	if c.events == nil {
		c.events = map[string]int{}
	}
	c.events[event]++
}

func (c *counter) AckFailed(cause string) {
	if c.acks == nil {
		c.acks = map[string]int{}
	}
	c.acks[cause]++
}

func testClient(obs Observer) *Client {
	return New(Config{Connections: 1, Log: slog.New(slog.DiscardHandler), Observer: obs})
}

func TestAcknowledgementsThatCantBeWrittenAreCounted(t *testing.T) {
	w := &counter{}
	c := newConnection(newSocket(testClient(w), 1, nil), nil, nil)
	for range maxAcks + 3 {
		c.ack("e")
	}
	close(c.over)
	c.ack("e")
	if w.acks[AckFull] != 3 || w.acks[AckWrite] != 1 {
		t.Errorf("counted %v", w.acks)
	}
}
