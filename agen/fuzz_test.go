package agen_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/agenbridge/agenbridge/agen"
)

// requireSeeds fails a fuzz target without seeds: they are files in testdata/fuzz, and a renamed target would silently
// lose them.
func requireSeeds(f *testing.F) {
	f.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", "fuzz", f.Name(), "*"))
	if err != nil || len(found) == 0 {
		f.Fatalf("no seeds in testdata/fuzz/%s: %v", f.Name(), err)
	}
}

// TestEverySeedHasATarget fails if a seed's fuzz target no longer exists.
func TestEverySeedHasATarget(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join("testdata", "fuzz"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"FuzzTimeline": true, "FuzzPayload": true, "FuzzErrorBody": true, "FuzzParseTime": true}
	for _, dir := range dirs {
		if !want[dir.Name()] {
			t.Errorf("testdata/fuzz/%s has no target", dir.Name())
		}
		delete(want, dir.Name())
	}
	if len(want) > 0 {
		t.Errorf("no seeds for %v", want)
	}
}

// FuzzTimeline compares ReadTimeline with encoding/json: on valid JSON both must find the same events. Whatever the input
// is, the pieces in which it arrives must make no difference.
func FuzzTimeline(f *testing.F) {
	requireSeeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := read(bytes.NewReader(body))
		bytewise, errBytewise := read(iotest.OneByteReader(bytes.NewReader(body)))
		if !reflect.DeepEqual(got, bytewise) || (err == nil) != (errBytewise == nil) {
			t.Fatalf("got %+v, %v at once, but %+v, %v byte by byte", got, err, bytewise, errBytewise)
		}
		var elements []json.RawMessage
		if !json.Valid(body) || json.Unmarshal(body, &elements) != nil || bytes.HasPrefix(bytes.TrimSpace(body), []byte("null")) {
			return
		}
		if err != nil {
			t.Fatalf("got %v from valid JSON", err)
		}
		n := 0
		for _, element := range elements {
			if element[0] != '{' {
				continue
			}
			if n >= len(got) {
				t.Fatalf("got %d events, want more", len(got))
			}
			compareWithEncodingJSON(t, element, got[n])
			n++
		}
		if n != len(got) {
			t.Fatalf("got %d events, want %d", len(got), n)
		}
	})
}

// compareWithEncodingJSON checks the fields of an event against encoding/json and UnmarshalJSON.
func compareWithEncodingJSON(t *testing.T, element json.RawMessage, got agen.Event) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(element, &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"id": got.ID, "type": string(got.Type), "status": string(got.Status), "client_id": got.ClientID, "updated_at": got.UpdatedAt,
	} {
		var want string
		if len(fields[name]) > 0 && fields[name][0] == '"' {
			if err := json.Unmarshal(fields[name], &want); err != nil {
				t.Fatal(err)
			}
		} else if len(fields[name]) > 0 && strings.ContainsAny(string(fields[name][:1]), "-0123456789") {
			want = string(fields[name])
		}
		if value != want {
			t.Fatalf("%s of %s: got %q, want %q", name, element, value, want)
		}
	}
	if !bytes.Equal(got.Payload, fields["payload"]) {
		t.Fatalf("payload of %s: got %s", element, got.Payload)
	}
	var again agen.Event
	if err := json.Unmarshal(element, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, got) {
		t.Fatalf("got %+v from the timeline, but %+v from UnmarshalJSON", got, again)
	}
}

// FuzzPayload calls every method that looks for text in a payload.
func FuzzPayload(f *testing.F) {
	requireSeeds(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		e := agen.Event{Type: agen.EventAgentAskUser, Payload: payload}
		e.UserMessage()
		for _, s := range []string{e.Text(), e.File(), e.Lookup("message", "text")} {
			if !utf8.ValidString(s) {
				t.Errorf("got invalid UTF-8 %q", s)
			}
		}
		for _, q := range e.Questions() {
			if q.Text == "" && len(q.Options) == 0 {
				t.Error("got a question without text and options")
			}
			for _, o := range q.Options {
				if o.Label == "" || o.Value == "" {
					t.Errorf("got an empty option %+v", o)
				}
			}
		}
	})
}

// FuzzErrorBody checks that the message of any error is one bounded line of valid UTF-8 without the key.
func FuzzErrorBody(f *testing.F) {
	requireSeeds(f)
	f.Fuzz(func(t *testing.T, status uint16, contentType, body string) {
		if status < 300 || status > 999 {
			return
		}
		c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			readBody(t, r)
			resp := newResponse(int(status), body)
			resp.Header.Set("Content-Type", contentType)
			return resp, nil
		})}})
		_, err := c.SendMessage(t.Context(), "s", "m", "c")
		e := asError(t, err)
		if strings.Contains(err.Error(), testKey) {
			t.Errorf("the error shows the key: %v", err)
		}
		if !utf8.ValidString(e.Message) || utf8.RuneCountInString(e.Message) > 301 || strings.ContainsAny(e.Message, "\r\n\t\x00\u2028") {
			t.Errorf("got message %q", e.Message)
		}
	})
}

// FuzzParseTime checks that ParseTime accepts everything that time.Parse reads as RFC 3339.
func FuzzParseTime(f *testing.F) {
	requireSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := agen.ParseTime(s)
		want, err := time.Parse(time.RFC3339Nano, s)
		if err == nil && (!ok || !got.Equal(want)) {
			t.Errorf("%q: got %v, %t; want %v", s, got, ok, want)
		}
	})
}
