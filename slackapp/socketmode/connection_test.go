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

func testConfig(obs Observer) socketConfig {
	return socketConfig{tracker: &tracker{obs: obs}, log: slog.New(slog.DiscardHandler)}
}

func TestAcknowledgementsThatCantBeWrittenAreCounted(t *testing.T) {
	w := &counter{}
	c := newConnection(newSocket(testConfig(w), 1, nil), nil, nil)
	for range maxAcks + 3 {
		c.ack("e")
	}
	close(c.over)
	c.ack("e")
	if w.acks[AckFull] != 3 || w.acks[AckWrite] != 1 {
		t.Errorf("counted %v", w.acks)
	}
}
