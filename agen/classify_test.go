package agen_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/agenbridge/agenbridge/agen"
)

// calls are the API's four calls with valid arguments, first the two that write.
var calls = []struct {
	name string
	call func(context.Context, *agen.Client) error
}{
	{"send message", func(ctx context.Context, c *agen.Client) error {
		_, err := c.SendMessage(ctx, "s", "m", "c")
		return err
	}},
	{"create session", func(ctx context.Context, c *agen.Client) error {
		_, err := c.CreateSession(ctx, agen.SessionOptions{})
		return err
	}},
	{"read events", func(ctx context.Context, c *agen.Client) error {
		_, err := c.Timeline(ctx, "s", "", func(*agen.RawEvent) error { return nil })
		return err
	}},
	{"list sessions", func(ctx context.Context, c *agen.Client) error {
		_, err := c.ListSessions(ctx)
		return err
	}},
}

var classes = []agen.Class{
	agen.ClassTemporary, agen.ClassRateLimited, agen.ClassUnsure, agen.ClassConflict,
	agen.ClassNotFound, agen.ClassUnauthorized, agen.ClassForbidden, agen.ClassRejected,
}

// wantClass checks that err has this class, no other class, and the name of the call.
func wantClass(t *testing.T, err error, op string, want agen.Class) {
	t.Helper()
	if got := asError(t, err); got.Class != want || got.Op != op {
		t.Errorf("got %q (%s) for %s, want %s", got.Op, got.Class, op, want)
	}
	for _, class := range classes {
		if errors.Is(err, class) != (class == want) {
			t.Errorf("%s: errors.Is(%v, %s) is %t", op, err, class, class != want)
		}
	}
}

// TestEveryStatusHasAClass checks the table of doc.go for every call and every status from 300 to 599.
func TestEveryStatusHasAClass(t *testing.T) {
	table := map[int][3]agen.Class{ // send, create, reads
		401: {agen.ClassUnauthorized, agen.ClassUnauthorized, agen.ClassUnauthorized},
		403: {agen.ClassForbidden, agen.ClassForbidden, agen.ClassForbidden},
		404: {agen.ClassNotFound, agen.ClassNotFound, agen.ClassNotFound},
		408: {agen.ClassUnsure, agen.ClassUnsure, agen.ClassTemporary},
		409: {agen.ClassConflict, agen.ClassRejected, agen.ClassRejected},
		425: {agen.ClassTemporary, agen.ClassTemporary, agen.ClassTemporary},
		429: {agen.ClassRateLimited, agen.ClassRateLimited, agen.ClassRateLimited},
	}
	status := 0
	c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
		readBody(t, r)
		return newResponse(status, `{"message":"why"}`), nil
	})}})
	for status = 300; status < 600; status++ {
		want, special := table[status]
		switch {
		case special:
		case status >= 500:
			want = [3]agen.Class{agen.ClassUnsure, agen.ClassUnsure, agen.ClassTemporary}
		default:
			want = [3]agen.Class{agen.ClassRejected, agen.ClassRejected, agen.ClassRejected}
		}
		for i, call := range calls {
			err := call.call(t.Context(), c)
			wantClass(t, err, call.name, want[min(i, 2)])
			if e := asError(t, err); e.HTTPStatus != status || e.Message != "why" {
				t.Errorf("%s: got status %d and message %q, want %d and %q", call.name, e.HTTPStatus, e.Message, status, "why")
			}
		}
	}
}

// TestUnreadableAnswers covers 2xx answers from which the outcome can't be read.
func TestUnreadableAnswers(t *testing.T) {
	for _, body := range []string{
		"", "null", "[", "{", `"x"`, "17", "<html>", `{"id":`, `{"id":"e"} trailing`, `{"items":{}}`, "[[", `[{"id":"e"}`,
		`[{"id":"e"`, `[{"id" "e"}]`, `[{"id":}]`, `[1 2]`, `[nope]`, `{"id":""}`, `{"id":{}}`, `{"items":"x","next_cursor":1}`,
	} {
		for _, status := range []int{200, 201, 202, 204} {
			if status == 204 && body != "" {
				continue
			}
			c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
				readBody(t, r)
				return newResponse(status, body), nil
			})}})
			for i, call := range calls {
				t.Run(fmt.Sprintf("%s %d %s", call.name, status, body), func(t *testing.T) {
					want := agen.ClassUnsure
					if i >= 2 {
						want = agen.ClassTemporary
					}
					wantClass(t, call.call(t.Context(), c), call.name, want)
				})
			}
		}
	}
}

func TestAnswerTooLarge(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"id":"x","title":%q}`, strings.Repeat("x", 1<<20))
	})
	_, err := c.CreateSession(t.Context(), agen.SessionOptions{})
	wantClass(t, err, "create session", agen.ClassUnsure)
}

func TestInvalidArguments(t *testing.T) {
	c := newClient(t, agen.Config{HTTPClient: &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, errors.New("not expected")
	})}})
	for _, id := range []string{"", ".", ".."} {
		_, err := c.SendMessage(t.Context(), id, "m", "")
		wantClass(t, err, "send message", agen.ClassRejected)
		_, err = c.Timeline(t.Context(), id, "", nil)
		wantClass(t, err, "read events", agen.ClassRejected)
	}
	_, err := c.SendMessage(t.Context(), "s", "", "")
	wantClass(t, err, "send message", agen.ClassRejected)
	_, err = c.SendMessage(t.Context(), "s", strings.Repeat("x", agen.MaxMessageBytes+1), "")
	wantClass(t, err, "send message", agen.ClassRejected)
	for _, key := range []string{"", " \n", "a\nb", "ключ"} {
		c.SetKey(key)
		for _, call := range calls {
			wantClass(t, call.call(t.Context(), c), call.name, agen.ClassUnauthorized)
		}
	}
}
