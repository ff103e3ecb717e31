package playground

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// beat is how often an idle viewer gets a keep-alive, so that both ends notice a broken connection.
	beat = 15 * time.Second
	// writeTime is how long one write to a viewer may take; a viewer that takes longer is disconnected.
	writeTime = 10 * time.Second
)

// update is one message to a viewer.
type update struct {
	// Fresh: the update has all parts and replaces everything that the viewer has.
	Fresh bool     `json:"fresh,omitempty"`
	Parts []change `json:"parts"`
}

// stream sends the board to one viewer until the viewer disconnects or the server ends.
func (p *Playground) stream(w http.ResponseWriter, r *http.Request) {
	if !p.board.enter() {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "too many pages are open; close one")
		return
	}
	defer p.board.leave()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	at := p.board.resume(r.Header.Get("Last-Event-ID"))
	fresh := at == 0
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		news, number, changed := p.board.since(at)
		if fresh || len(news) > 0 {
			if p.send(w, update{Fresh: fresh, Parts: news}, number) != nil {
				return // the viewer has disconnected
			}
			at, fresh = number, false
		}
		select {
		case <-changed:
		case <-ticker.C:
			if write(w, ": still here\n\n") != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

func (p *Playground) send(w http.ResponseWriter, u update, number int) error {
	data, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("encode an update: %w", err)
	}
	return write(w, fmt.Sprintf("id: %s\ndata: %s\n\n", p.board.id(number), data))
}

func write(w http.ResponseWriter, text string) error {
	c := http.NewResponseController(w)
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to a viewer: %w", err)
	}
	if err := c.Flush(); err != nil {
		return fmt.Errorf("write to a viewer: %w", err)
	}
	return nil
}
