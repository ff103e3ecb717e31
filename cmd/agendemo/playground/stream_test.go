package playground

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// viewer reads the stream.
type viewer struct {
	t    *testing.T
	r    *bufio.Reader
	id   string
	stop func()
}

// watch connects a viewer. It continues after the update with the id, if that isn't empty.
func (s *served) watch(after string) *viewer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", after)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	stop := func() {
		cancel()
		resp.Body.Close()
	}
	s.t.Cleanup(stop)
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("the stream answers %s", resp.Status)
	}
	return &viewer{t: s.t, r: bufio.NewReader(resp.Body), stop: stop}
}

// next returns the next update.
func (v *viewer) next() update {
	v.t.Helper()
	for {
		line, err := v.r.ReadString('\n')
		if err != nil {
			v.t.Fatalf("the stream ended: %v", err)
		}
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			v.id = strings.TrimSpace(id)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var u update
			if err := json.Unmarshal([]byte(data), &u); err != nil {
				v.t.Fatal(err)
			}
			return u
		}
	}
}

// sees reads updates until the value of a part contains the words.
func (v *viewer) sees(words string) update {
	v.t.Helper()
	for {
		u := v.next()
		for _, p := range u.Parts {
			if strings.Contains(string(p.Value), words) {
				return u
			}
		}
	}
}

func TestAViewerSeesChangesAndGoesOnWhereItWas(t *testing.T) {
	s := serve(t)
	v := s.watch("")
	if u := v.next(); !u.Fresh {
		t.Error("the first update lacks parts of the page")
	}
	s.does("say", `{"user":"U0ANN","channel":"C0DEV","text":"first of all"}`)
	if u := v.sees("first of all"); u.Fresh {
		t.Error("a change is told as all there is")
	}
	v.stop()
	s.does("say", `{"user":"U0ANN","channel":"C0DEV","text":"while nobody looked"}`)
	again := s.watch(v.id)
	u := again.sees("while nobody looked")
	if u.Fresh {
		t.Error("a viewer that reconnects gets everything again")
	}
	for _, p := range u.Parts {
		if strings.Contains(string(p.Value), "first of all") {
			t.Error("a viewer that reconnects gets changes that it has already")
		}
	}
	if u := s.watch("another.7").next(); !u.Fresh {
		t.Error("a viewer of an earlier server doesn't get everything")
	}
}

func TestNoMoreViewersThanThereIsRoomFor(t *testing.T) {
	s := serve(t)
	var last *viewer
	for range maxViewers {
		last = s.watch("")
		last.next()
	}
	if status, got := s.ask(http.MethodGet, "/events", "", nil); status != 503 {
		t.Errorf("one too many: %d %s", status, got)
	}
	last.stop()
}
